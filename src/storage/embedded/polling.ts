import { setTimeout as delay } from 'node:timers/promises'

/** Asks `check` again and again because neither files nor foreign processes can call us back. */
export interface PollOptions {
  timeoutMs: number
  intervalMs?: number
}

/**
 * Waits until `check` gives something other than undefined.
 * @returns what `check` gave, or undefined when the time was over
 */
export async function pollUntil<T>(
  options: PollOptions,
  check: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = Date.now() + options.timeoutMs
  for (;;) {
    const result = await check()
    if (result !== undefined || Date.now() >= deadline) return result
    await delay(options.intervalMs ?? 20)
  }
}
