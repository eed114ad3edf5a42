import { setTimeout as delay } from 'node:timers/promises'

/** A request that is sent again and again. */
export interface OfferedRequest {
  url: string
  headers: Record<string, string>
  body: Buffer
}

/** What became of the requests of an {@link offerLoad}. */
export interface OfferedOutcome {
  offered: number
  /** Answers with success. */
  accepted: number
  /** 429 and 503 with Retry-After. */
  refused: number
  /** Requests whose connection broke. */
  broken: number
  /** Any other answer, in words. */
  offences: string[]
  /** How long the accepted ones took, milliseconds, sorted. */
  acceptedMs: number[]
}

/** How often new requests are sent. */
const TICK_MS = 25

/** More requests than this that wait for their answers are more than a machine of two cores can hold open. */
const OPEN_MAX = 600

/** Sends requests at a rate whatever becomes of them, as senders do who do not know of each other. */
export async function offerLoad(
  request: OfferedRequest,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<OfferedOutcome> {
  const outcome = newOutcome()
  const open = new Set<Promise<void>>()
  const startedMs = performance.now()
  for (let elapsedMs = 0; elapsedMs < seconds * 1_000; elapsedMs = performance.now() - startedMs) {
    const due = Math.floor((elapsedMs / 1_000) * perSecond)
    for (; outcome.offered < due && open.size < OPEN_MAX; outcome.offered++) {
      const sent: Promise<void> = send(request, outcome).finally(() => open.delete(sent))
      open.add(sent)
    }
    await delay(TICK_MS)
  }
  await Promise.all(open)
  outcome.acceptedMs.sort((a, b) => a - b)
  return outcome
}

/** Sends requests over a few connections, each as soon as its predecessor is answered. */
export async function closedLoad(
  request: OfferedRequest,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<OfferedOutcome> {
  const outcome = newOutcome()
  const untilMs = performance.now() + seconds * 1_000
  const work = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      outcome.offered++
      await send(request, outcome)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return outcome
}

function newOutcome(): OfferedOutcome {
  return { offered: 0, accepted: 0, refused: 0, broken: 0, offences: [], acceptedMs: [] }
}

async function send({ url, headers, body }: OfferedRequest, outcome: OfferedOutcome): Promise<void> {
  const startedMs = performance.now()
  try {
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
    const text = await response.text()
    if (response.ok) {
      outcome.accepted++
      outcome.acceptedMs.push(performance.now() - startedMs)
    } else if ((response.status === 503 || response.status === 429) && response.headers.has('retry-after'))
      outcome.refused++
    else outcome.offences.push(`${response.status} ${text.slice(0, 200)}`)
  } catch {
    outcome.broken++
  }
}
