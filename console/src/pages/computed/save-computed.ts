import type { Computed } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notifyDone } from '../../api/notify.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { COMPUTED } from './computed-api.ts'
import type { ComputedBody } from './computed-api.ts'

/** Saves an aggregate or an expression: a new one, or one that was opened at some version. */
export function useSaveComputed(options: {
  kind: ComputedKind
  opened: Computed | undefined
  onDone: () => void
}) {
  const { kind, opened, onDone } = options
  const queryClient = useQueryClient()
  const { create, put } = COMPUTED[kind]
  return useMutation({
    mutationFn: ({ isForced, ...body }: ComputedBody & { isForced: boolean }) =>
      opened ? put(opened.id, body, isForced ? undefined : opened) : create(body),
    onSuccess: async ({ name }) => {
      await queryClient.invalidateQueries({ queryKey: ['computed'] })
      notifyDone(`${name} was saved.`)
      onDone()
    },
  })
}
