import type { TestDatabase } from '../../setup/database.ts'
import { changedTables, settledFingerprint } from './stored.ts'
import { describeRequest } from './wire.ts'
import type { WireAnswer, WireRequest, openWire } from './wire.ts'

type Wire = ReturnType<typeof openWire>

/** So many requests are under way together. */
export const AT_ONCE = 32

/** Sends all of them, {@link AT_ONCE} together, and answers in their order. */
export async function sendAll(
  wire: Wire,
  requests: readonly WireRequest[],
): Promise<{ sent: WireRequest; answer: WireAnswer }[]> {
  const results: { sent: WireRequest; answer: WireAnswer }[] = []
  const queue = requests.entries()
  const sender = async (): Promise<void> => {
    for (const [index, sent] of queue) results[index] = { sent, answer: await wire.send(sent) }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  return results
}

/** A registration that is stored and waits for its proof is answered as the vendor does it, by a status of refusals. */
const WAITS_FOR_PROOF = /"errorCode":"SAU-30[23]"/

/** Whether an answer says that nothing was done. */
export function isRefusal({ status, text }: WireAnswer): boolean {
  return status >= 400 && !WAITS_FOR_PROOF.test(text)
}

/** Refused for what else was under way at that moment: the next time it is accepted, and rightly stores. */
export function isOfTheMoment({ status }: WireAnswer): boolean {
  return [409, 412, 423, 429, 503].includes(status)
}

interface Surroundings {
  database: TestDatabase
  wire: Wire
  /** Gives back what requests took away, so that a refusal is about the request and not about its key. */
  restoreAccess: () => Promise<void>
}

/**
 * Sends refused requests again and looks whether any table changed; if so, finds the request.
 * @returns the one that stored something, and what it changed; how many were sent
 */
export async function findStoring(
  surroundings: Surroundings,
  refused: readonly WireRequest[],
): Promise<{ storing: string | undefined; replayed: number }> {
  const { wire, database, restoreAccess } = surroundings
  let requests = refused
  for (;;) {
    await restoreAccess()
    const before = await settledFingerprint(database)
    const answers = await sendAll(wire, requests)
    const accepted = new Set(
      answers.filter(({ answer }) => !isRefusal(answer)).map(({ sent }) => sent.operation),
    )
    if (accepted.size === 0) {
      const changed = changedTables(before, await settledFingerprint(database))
      const storing = changed.length > 0 ? await narrow(surroundings, answers, changed) : undefined
      return { storing, replayed: requests.length }
    }
    // What is accepted this time may store: it ends something that there is one of, which access given back brings back. The others
    // of its operation would take their turn the next time.
    requests = requests.filter(({ operation }) => !accepted.has(operation))
  }
}

/** Halves the requests until the one is left that changes something. */
async function narrow(
  surroundings: Surroundings,
  answers: readonly { sent: WireRequest; answer: WireAnswer }[],
  changed: readonly string[],
): Promise<string> {
  const requests = answers.map(({ sent }) => sent)
  const [only] = answers
  if (only && requests.length === 1)
    return `${describeRequest(only.sent)}\n  → ${only.answer.status} ${only.answer.text}\n  changed ${changed.join(', ')}`
  const middle = Math.ceil(requests.length / 2)
  for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
    const { storing } = await findStoring(surroundings, half)
    if (storing !== undefined) return storing
  }
  return `only together, ${requests.length} requests from ${describeRequest(requests[0]!)} on changed ${changed.join(', ')}`
}
