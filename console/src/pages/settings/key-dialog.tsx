import { Radio, Select, Stack, TagsInput, Text } from '@mantine/core'
import { createKey } from '@tributary/sdk'
import type { CreateKeyData } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { keysQuery } from './access-queries.ts'
import { KeySecret } from './key-secret.tsx'
import { SCOPES, SCOPE_NAMES, labelOf } from './key-scopes.ts'
import type { Scope } from './key-scopes.ts'

/** Makes a key; its secret is shown once. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const [scope, setScope] = useState<Scope>('native')
  const [permissions, setPermissions] = useState<readonly string[]>(['*'])
  const create = useCreate()
  if (create.data) return <KeySecret secret={create.data.secret} onClose={onClose} />
  const choose = (value: Scope): void => {
    setScope(value)
    setPermissions(SCOPES[value].isPublic ? [] : ['*'])
  }
  return (
    <FormDialog
      title="Make a key"
      act="Make the key"
      size="lg"
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate({ scope, permissions: [...permissions] })}
      onClose={onClose}
    >
      <Select
        label="What it opens"
        description={SCOPES[scope].text}
        allowDeselect={false}
        data={SCOPE_NAMES.map((value) => ({ value, label: labelOf(value) }))}
        value={scope}
        onChange={(value) => value !== null && choose(value)}
      />
      <PermissionsInput key={scope} scope={scope} permissions={permissions} onChange={setPermissions} />
    </FormDialog>
  )
}

function useCreate() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateKeyData['body']) => answerOf(createKey({ client, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey }),
  })
}

interface InputProps {
  scope: Scope
  permissions: readonly string[]
  onChange: (permissions: readonly string[]) => void
}

function PermissionsInput(props: InputProps) {
  const { scope, permissions, onChange } = props
  if (scope === 'pyze')
    return (
      <Radio.Group
        label="Kind"
        value={permissions[0] === 'app' ? 'app' : '*'}
        onChange={(value) => onChange([value])}
      >
        <Stack gap={6} mt={4}>
          <Radio value="*" label="An API key, sent as Bearer" />
          <Radio value="app" label="An app key, in the body of each request; it is public" />
        </Stack>
      </Radio.Group>
    )
  if (!SCOPES[scope].permissions)
    return <Text size="sm">This API knows no permissions: the key opens all that it offers.</Text>
  return <NamedPermissions {...props} />
}

function NamedPermissions({ scope, permissions, onChange }: InputProps) {
  const { isPublic = false, permissions: known = [] } = SCOPES[scope]
  const isAll = permissions.includes('*')
  return (
    <>
      <Radio.Group
        label="What it may do"
        value={isAll ? 'all' : 'some'}
        onChange={(value) => onChange(value === 'all' ? ['*'] : [])}
      >
        <Stack gap={6} mt={4}>
          <Radio
            value="all"
            label="Everything"
            description={isPublic ? 'Anybody can read this key, and do everything with it.' : undefined}
          />
          <Radio value="some" label="Only what is named" />
        </Stack>
      </Radio.Group>
      {!isAll && (
        <TagsInput
          label="Permissions"
          description="Without any it opens nothing that asks for one."
          data={[...known]}
          maxDropdownHeight={240}
          limit={100}
          value={[...permissions]}
          onChange={onChange}
        />
      )}
    </>
  )
}
