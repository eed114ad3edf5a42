import { getReport } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { notifyProblem } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { saveFile } from '../../parts/save-file.ts'

/** Fetches everything that is held of a person as a file. */
export function useReport(profileId: number) {
  return useMutation({
    mutationFn: () =>
      answerOf(getReport({ client, path: { profileId: String(profileId) } }) as Promise<never>),
    onSuccess: (report: unknown) =>
      saveFile(`profile-${profileId}.json`, 'application/json', JSON.stringify(report, undefined, 2)),
    onError: (error) => notifyProblem(error),
  })
}
