import type { Computed } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notifyDone } from '../../api/notify.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { COMPUTED } from './computed-api.ts'

/** Asks whether an aggregate or an expression is to go; the server refuses while something refers to it, and says what. */
export function DeleteComputed(props: { kind: ComputedKind; computed: Computed; onClose: () => void }) {
  const { kind, computed, onClose } = props
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => COMPUTED[kind].remove(computed.id),
    onSuccess: async () => {
      notifyDone(`${computed.name} was deleted.`)
      onClose()
      await queryClient.invalidateQueries({ queryKey: ['computed'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete this ${kind}?`}
      act="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      “{computed.name}” is gone then. The attributes and events that it is made of stay.
    </ConfirmDialog>
  )
}
