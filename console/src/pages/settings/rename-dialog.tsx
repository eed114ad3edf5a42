import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { complaintAt } from '../../api/problem.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { usePatchWorkspace } from './use-patch-workspace.ts'
import type { ReadWorkspace } from './workspace-query.ts'

/** Another name for the workspace; its guid stays. */
export function RenameDialog({ read, onClose }: { read: ReadWorkspace; onClose: () => void }) {
  const [name, setName] = useState(read.workspace.name)
  const rename = usePatchWorkspace(read, onClose)
  return (
    <FormDialog
      title="Rename the workspace"
      act="Rename"
      isReady={name.trim() !== ''}
      isPending={rename.isPending}
      error={rename.error}
      onSubmit={() => rename.mutate({ name: name.trim() })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        required
        maxLength={255}
        data-autofocus
        value={name}
        error={complaintAt(rename.error, '/name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
