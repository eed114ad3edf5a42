import { vi } from 'vitest'
import { PATIENCE_MS } from './patience.ts'

/**
 * Waits until `check` holds, and gives what it gave. `expect.poll` is as patient, by vitest.config.ts.
 * @throws what `check` threw last
 */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 50 })
}
