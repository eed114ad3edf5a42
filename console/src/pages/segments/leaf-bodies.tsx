import { Group, Text } from '@mantine/core'
import type { ComponentType } from 'react'
import { Choice } from '../../definitions/choice.tsx'
import { FieldInput } from '../../definitions/field-input.tsx'
import { MOMENT_OPERATORS } from '../../definitions/operators.ts'
import { textOf, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { useTypes } from '../../definitions/suggestions.ts'
import { ValueTest } from '../../definitions/value-test.tsx'
import { ComputedSelect } from '../../definitions/computed-select.tsx'
import { ProfileSelect } from '../../parts/profile-select.tsx'
import { CHANNELS } from './condition-types.ts'
import { DeviceBody } from './device-body.tsx'
import { EventBody } from './event-body.tsx'
import { SequenceBody } from './sequence-body.tsx'
import { TagInput } from './tag-input.tsx'

interface BodyProps {
  part: Part
  at: string
  onChange: (part: Part) => void
}

/** The inputs of every condition that holds no others, by its type. */
export const LEAF_BODIES: Readonly<Record<string, ComponentType<BodyProps>>> = {
  attribute: AttributeBody,
  aggregate: ComputedBody,
  expression: ComputedBody,
  profile: ProfileBody,
  tag: TagBody,
  consent: ConsentBody,
  company: CompanyBody,
  anonymous: AnonymousBody,
  device: DeviceBody,
  event: EventBody,
  sequence: SequenceBody,
}

function AttributeBody({ part, at, onChange }: BodyProps) {
  const target = { of: 'attribute' } as const
  const types = useTypes(target, textOf(part['name']))
  return (
    <Group gap="xs" align="flex-end">
      <FieldInput label="Attribute" target={target} field={part} at={at} onChange={onChange} />
      <ValueTest test={part} at={at} types={part['path'] === undefined ? types : []} onChange={onChange} />
    </Group>
  )
}

function ComputedBody({ part, at, onChange }: BodyProps) {
  return (
    <Group gap="xs" align="flex-end">
      <ComputedSelect
        kind={part['type'] === 'expression' ? 'expression' : 'aggregate'}
        value={textOf(part['id'])}
        at={`${at}/id`}
        onChange={(id) => onChange(withMember(part, 'id', id))}
      />
      <ValueTest test={part} at={at} onChange={onChange} />
    </Group>
  )
}

function ProfileBody({ part, at, onChange }: BodyProps) {
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="What happened"
        options={{ createdAt: 'Was created', updatedAt: 'Was changed last' }}
        value={textOf(part['name'])}
        at={`${at}/name`}
        onChange={(name) => onChange(withMember(part, 'name', name))}
      />
      <ValueTest test={part} at={at} operators={MOMENT_OPERATORS} onChange={onChange} />
    </Group>
  )
}

function TagBody({ part, at, onChange }: BodyProps) {
  return (
    <TagInput
      value={textOf(part['name'])}
      at={`${at}/name`}
      onChange={(name) => onChange(withMember(part, 'name', name))}
    />
  )
}

const STATES = { granted: 'Yes', denied: 'No', unknown: 'No answer' }

function ConsentBody({ part, at, onChange }: BodyProps) {
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="Channel"
        options={CHANNELS}
        value={textOf(part['channel'])}
        at={`${at}/channel`}
        onChange={(channel) => onChange(withMember(part, 'channel', channel))}
      />
      <Choice
        label="Answer"
        options={STATES}
        value={textOf(part['state'])}
        at={`${at}/state`}
        onChange={(state) => onChange(withMember(part, 'state', state))}
      />
    </Group>
  )
}

const ROLES = { company: 'Is a company', member: 'Belongs to a company' }

function CompanyBody({ part, at, onChange }: BodyProps) {
  const { companyId } = part
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="Role"
        options={ROLES}
        value={textOf(part['role'])}
        at={`${at}/role`}
        width={190}
        onChange={(role) => onChange(withMember(withMember(part, 'companyId', undefined), 'role', role))}
      />
      {part['role'] === 'member' && (
        <ProfileSelect
          label="Company"
          placeholder="Any company"
          onlyCompanies
          value={typeof companyId === 'number' ? companyId : undefined}
          onChange={(id) => onChange(withMember(part, 'companyId', id))}
        />
      )}
    </Group>
  )
}

function AnonymousBody() {
  return (
    <Text size="sm" c="dimmed">
      Nobody knows who it is: neither user id nor e-mail nor phone.
    </Text>
  )
}
