import { Button, Group, Stack, Switch } from '@mantine/core'
import { useState } from 'react'
import { ConflictAlert } from './conflict-alert.tsx'
import { RETENTION } from './policy-groups-data.ts'
import { PolicyField } from './policy-field.tsx'
import type { PolicyGroup } from './policy-types.ts'
import { RetentionButton } from './retention-button.tsx'
import { RetentionDialog } from './retention-dialog.tsx'
import { usePolicyForm } from './use-policy-form.ts'
import type { PolicyFormState } from './use-policy-form.ts'
import type { ReadWorkspace } from './workspace-query.ts'

/** A group of settings that is changed and saved together. What retention would forget is shown before it is saved. */
export function PolicyForm({ group, read }: { group: PolicyGroup; read: ReadWorkspace }) {
  const form = usePolicyForm(group, read)
  const [isPreviewed, setPreviewed] = useState(false)
  const isRetention = group === RETENTION
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault()
    if (isRetention) setPreviewed(true)
    else form.save()
  }
  return (
    <>
      <form onSubmit={submit} aria-label={group.title}>
        <Stack gap="sm">
          {group.block !== undefined && (
            <Switch
              label={form.isOn ? 'On' : 'Off'}
              aria-label={group.title}
              checked={form.isOn}
              onChange={(event) => form.setOn(event.currentTarget.checked)}
            />
          )}
          {form.isOn &&
            group.fields.map((field) => <PolicyField key={field.path} field={field} form={form} />)}
          {Boolean(form.error) && <ConflictAlert error={form.error} />}
          {(form.isDirty || isRetention) && (
            <Group gap="xs">
              {form.isDirty && <SaveButtons form={form} />}
              {isRetention && <RetentionButton values={form.values} />}
            </Group>
          )}
        </Stack>
      </form>
      {isPreviewed && (
        <RetentionDialog
          values={form.values}
          onConfirm={() => {
            setPreviewed(false)
            form.save()
          }}
          onClose={() => setPreviewed(false)}
        />
      )}
    </>
  )
}

function SaveButtons({ form }: { form: PolicyFormState }) {
  return (
    <>
      <Button type="submit" loading={form.isPending}>
        Save
      </Button>
      <Button variant="default" onClick={form.discard}>
        Discard
      </Button>
    </>
  )
}
