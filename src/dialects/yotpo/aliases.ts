import { isJsonObject } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'

/**
 * Other names of fields: the vendor's page lost all names, so several are taken.
 * @assumed canonical names and aliases (reference 2.3)
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  source: ['event_source', 'action_source'],
  type: ['event_type', 'event_name', 'action_name'],
  occurred_at: ['timestamp', 'event_time'],
  external_id: ['id', 'event_id'],
  custom_properties: ['properties', 'event_properties', 'metadata'],
}

const CUSTOMER_ALIASES: Readonly<Record<string, readonly string[]>> = { custom_properties: ['properties'] }

/** @assumed resources of this vendor often come in a wrapper; it is one when it stands alone (reference 2.3) */
const WRAPPERS = ['customer_event', 'event']

/** Fields of an event that are texts, by their pointers in the body as it came. */
export const EVENT_TEXTS = new RegExp(
  `^(?:/(?:${WRAPPERS.join('|')}))?/(?:${Object.entries(ALIASES)
    .flatMap(([name, others]) => [name, ...others])
    .join('|')}|customer/(?:external_id|email|phone_number))$`,
)

/** Where the fields of an event stand in the body. */
export interface Unwrapped {
  /** The fields under their canonical names. */
  event: unknown
  /** JSON pointer of the wrapper; empty where there is none. */
  pointer: string
}

/**
 * Brings the body of an event into its canonical form; what is no object stays for the schema to refuse.
 * @throws CDP_BODY_INVALID a field under two names
 */
export function unwrapEvent(body: unknown): Unwrapped {
  if (!isJsonObject(body)) return { event: body, pointer: '' }
  const [only, ...others] = Object.keys(body)
  const wrapper = others.length === 0 && only !== undefined && WRAPPERS.includes(only) ? only : undefined
  const pointer = wrapper === undefined ? '' : `/${wrapper}`
  const inner: unknown = wrapper === undefined ? body : body[wrapper]
  if (!isJsonObject(inner)) return { event: inner, pointer }
  const event = renamed(inner, ALIASES, pointer)
  const { customer } = event
  if (!isJsonObject(customer)) return { event, pointer }
  const place = `${pointer}/customer`
  return { event: { ...event, customer: renamed(customer, CUSTOMER_ALIASES, place) }, pointer }
}

/** The object with canonical names. @throws CDP_BODY_INVALID */
function renamed(
  fields: Readonly<Record<string, unknown>>,
  aliases: Readonly<Record<string, readonly string[]>>,
  pointer: string,
): Record<string, unknown> {
  const canonical = new Map(
    Object.entries(aliases).flatMap(([name, others]) => others.map((alias) => [alias, name])),
  )
  const seen = new Map<string, unknown>()
  for (const [name, value] of Object.entries(fields)) {
    const known = canonical.get(name) ?? name
    if (seen.has(known)) {
      const detail = `${known}: stands there under two names`
      throw new CdpError('CDP_BODY_INVALID', { pointer: `${pointer}/${known}`, detail })
    }
    seen.set(known, value)
  }
  return Object.fromEntries(seen)
}
