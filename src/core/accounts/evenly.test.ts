import { expect, it } from 'vitest'
import { evenly } from './evenly.ts'

it('work that does nothing is not answered before work that takes a while, and a failure is not either', async () => {
  const ended: string[] = []
  const slow = evenly(async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }).then(() => ended.push('slow'))
  const quick = evenly(() => Promise.resolve('outcome')).then((outcome) => ended.push(outcome))
  const failing = evenly(() => Promise.reject(new Error('refused'))).catch((error: Error) =>
    ended.push(error.message),
  )
  const startedMs = performance.now()
  await Promise.all([slow, quick, failing])
  expect(ended.toSorted()).toEqual(['outcome', 'refused', 'slow'])
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(90)
})
