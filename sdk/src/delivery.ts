import type { Problem } from './generated/types.gen.ts'
import type { Item, Kind } from './items.ts'

/** Where batches go, and how long is tried. */
export interface DeliveryOptions {
  /** Of the server, with or without a path before `/api`. */
  url: string
  /** An API key of scope `native` that may write events and profiles. */
  key: string
  /** How often a batch is sent before it is given up. */
  attemptsMax: number
  /** How long an answer may take. */
  timeoutMs: number
  /** The pause before the second attempt; it doubles with each, up to `pauseMsMax`. */
  pauseMs: number
  pauseMsMax: number
  fetch: typeof globalThis.fetch
}

/** What became of an item; `taken` means that the server has nothing more to ask of it, stored before or not. */
export type Outcome =
  { state: 'taken' } | { state: 'refused'; problem: Partial<Problem> } | { state: 'lost'; cause: unknown }

const PATHS: Readonly<Record<Kind, string>> = { event: '/api/v1/events', profile: '/api/v1/profiles' }

/** Answers after which the same request may be answered otherwise. */
const PASSING = new Set([408, 409, 425, 429, 500, 502, 503, 504])

/** Not the fault of an item: the key is wrong, or the address is. */
const NOBODYS_ITEM = new Set([401, 403, 404, 405])

type Attempt = { outcomes: Outcome[] } | { again: true; afterMs: number; cause: unknown } | { halve: true }

/**
 * Sends items of one kind until the server has said what becomes of them. Every attempt carries the same Idempotency-Key, so
 * that a batch whose answer was lost is not stored twice.
 * @param signal gives up: what is not answered is lost
 */
export async function deliver(
  options: DeliveryOptions,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const idempotencyKey = crypto.randomUUID()
  let cause: unknown
  for (let attempt = 1; attempt <= options.attemptsMax && !signal.aborted; attempt++) {
    const result = await attemptOnce(options, items, idempotencyKey, signal)
    if ('outcomes' in result) return result.outcomes
    if ('halve' in result) return deliverHalves(options, items, signal)
    cause = result.cause
    if (attempt < options.attemptsMax)
      await pause(Math.max(result.afterMs, backoffMs(options, attempt)), signal)
  }
  return items.map(() => ({ state: 'lost', cause: cause ?? signal.reason }))
}

async function deliverHalves(
  options: DeliveryOptions,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const middle = Math.ceil(items.length / 2)
  const first = await deliver(options, items.slice(0, middle), signal)
  return [...first, ...(await deliver(options, items.slice(middle), signal))]
}

async function attemptOnce(
  { url, key, timeoutMs, fetch }: DeliveryOptions,
  items: readonly Item[],
  idempotencyKey: string,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}${PATHS[items[0]?.kind ?? 'event']}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: `{"items":[${items.map(({ text }) => text).join(',')}]}`,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const body: unknown = await response.json().catch(() => undefined)
    return judge(response, body, items)
  } catch (cause) {
    return { again: true, afterMs: 0, cause }
  }
}

function judge(response: Response, body: unknown, items: readonly Item[]): Attempt {
  const { status, ok } = response
  if (ok) return judgeItems(status, body, items)
  const problem = (body ?? { status, title: response.statusText }) as Partial<Problem>
  if (PASSING.has(status)) return { again: true, afterMs: retryAfterMs(response), cause: problem }
  if (status === 413 && items.length > 1) return { halve: true }
  const outcome: Outcome = NOBODYS_ITEM.has(status)
    ? { state: 'lost', cause: problem }
    : { state: 'refused', problem }
  return { outcomes: items.map(() => outcome) }
}

/** The answer has a result for each item, in their order. Anything else is no answer of Tributary. */
function judgeItems(status: number, body: unknown, items: readonly Item[]): Attempt {
  const results = (body as { items?: unknown } | undefined)?.items
  if (!Array.isArray(results) || results.length !== items.length)
    return {
      again: true,
      afterMs: 0,
      cause: new Error(`an answer of status ${status} that is not understood`),
    }
  const outcomes = (results as { status: string; error?: Partial<Problem> }[]).map((result): Outcome =>
    result.status === 'refused' ? { state: 'refused', problem: result.error ?? {} } : { state: 'taken' },
  )
  return { outcomes }
}

/** RFC 9110: seconds, or a date. */
function retryAfterMs({ headers }: Response): number {
  const value = headers.get('retry-after')
  if (value === null) return 0
  const seconds = Number(value)
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}

/** Between half and the whole of the pause: clients that failed together do not come back together. */
function backoffMs({ pauseMs, pauseMsMax }: DeliveryOptions, attempt: number): number {
  return Math.min(pauseMsMax, pauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
