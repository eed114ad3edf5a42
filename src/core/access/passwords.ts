import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { CdpError } from '../../model/errors.ts'

// OWASP's minimum for argon2id, about 20 ms a hash: 19 MiB, two passes, one lane. The library's default algorithm
// is argon2id.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashes a password with argon2id; the result is in PHC form and carries its salt and cost. @throws CDP_OVERLOADED */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, COST))
}

/** Whether the password is the one that was hashed. @throws CDP_OVERLOADED */
export async function verifyPassword(password: string, passwordHash: string): Promise<boolean> {
  return inTurn(() => verify(passwordHash, password))
}

/** Half of the machine at most; the other half, and Node's other threads, stay for everything else. */
const RUNNING_MAX = Math.max(1, Math.floor(availableParallelism() / 2))

/** Two or three seconds of work in a flood: who came later would rather be told to come back. */
const WAITING_MAX = 32

const RETRY_AFTER_SECONDS = 1

/** How long a place rests after a work while others wait, in lengths of that work. */
const REST = 3

let running = 0
const waiting: (() => void)[] = []

/**
 * Runs the work when it is its turn. While others wait, a place rests after each work, longer than that took: a flood of
 * logins gets a part of the machine and no more, so that the writes go on beside it.
 * @throws CDP_OVERLOADED too many wait already
 */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= RUNNING_MAX) {
    if (waiting.length >= WAITING_MAX)
      throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    // Whoever ends hands its place over without giving it up: nobody can slip in between.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running++
  const startedMs = performance.now()
  try {
    return await work()
  } finally {
    if (waiting.length === 0) running--
    else setTimeout(handOver, (performance.now() - startedMs) * REST)
  }
}

/** Gives a place to who waits longest. */
function handOver(): void {
  const next = waiting.shift()
  if (next) next()
  else running--
}
