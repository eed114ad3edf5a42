import { selectWorkspace } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from './client.ts'
import { leaveTo } from './leave-to.ts'
import { markSignedIn } from './signed-in.ts'
import { answerOf } from './problem.ts'
import { notifyProblem } from './notify.ts'

/**
 * Enters a workspace and loads the console anew in it: nothing that was read in another one may stay.
 * `next` is a path as the router has it.
 */
export function useEnter() {
  return useMutation({
    mutationFn: ({ guid }: { guid: string; next: string | undefined }) =>
      answerOf(selectWorkspace({ client, body: { guid } })),
    onSuccess: (_login, { next }) => {
      markSignedIn()
      leaveTo(next)
    },
    onError: (error) => notifyProblem(error),
  })
}
