import type { Pool } from 'pg'
import { connect, rollback } from '../db.ts'
import type { Transaction } from '../db.ts'

/**
 * Runs reads that all see one instant, on a connection of its own. Aborting ends the connection, so that also a statement
 * under way comes to an end.
 * @throws CDP_STORAGE_UNAVAILABLE, and the signal's reason once it is aborted
 */
export async function inSnapshot<T>(
  pool: Pool,
  signal: AbortSignal,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const client = await connect(pool)
  let isReleased = false
  const release = (broken?: Error): void => {
    if (!isReleased) client.release(broken)
    isReleased = true
  }
  const abort = (): void => release(new Error('the work was given up'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    await client.query('begin isolation level repeatable read read only')
    const result = await work(client)
    await client.query('commit')
    release()
    return result
  } catch (error) {
    // Also when it was aborted before anybody listened: while the connection was made.
    if (signal.aborted) abort()
    else release(await rollback(client, error))
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
