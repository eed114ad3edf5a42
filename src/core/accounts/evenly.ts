import { setTimeout as wait } from 'node:timers/promises'

/** Longer than what any of these acts takes on a machine that is not overloaded. */
const STEP_MS = 100

/**
 * Answers only when a whole number of steps has passed, also when the work failed: whether a name is known makes some
 * milliseconds of difference, and nobody is to learn that by a clock.
 */
export async function evenly<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
  const startedMs = performance.now()
  try {
    return await work()
  } finally {
    const tookMs = performance.now() - startedMs
    await wait(STEP_MS - (tookMs % STEP_MS))
  }
}
