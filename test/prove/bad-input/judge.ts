import { dialects } from '../../../src/dialects/index.ts'
import { expectDeclaredShape } from '../../contract/answer-shapes.ts'
import { findDialect } from '../../contract/harness.ts'
import { expectVendorShape, INTERNAL } from '../../contract/vendor-errors.ts'
import { describeRequest } from './wire.ts'
import type { WireAnswer, WireRequest } from './wire.ts'

/** What the server logged of a request. */
export interface Reached {
  dialect: string
  operation: string
}

/** Only code writes these; what people store may hold the other words of {@link INTERNAL}. */
const CODE = /sqlstate|node_modules|ECONN[A-Z]+|\.(ts|js):\d|\n\s+at \S+ \(/

/** Judges answers by what is promised of every answer. @param secrets that no answer may hold, by what they are */
export function openJudge(
  secrets: Readonly<Record<string, string>>,
): (sent: WireRequest, answer: WireAnswer, reached: Reached | undefined) => string | undefined {
  return (sent, answer, reached) => {
    const faults = [
      statusFault(answer),
      shapeFault(sent, answer, reached),
      internalFault(sent, answer),
      secretFault(secrets, answer),
    ].filter((fault) => fault !== undefined)
    if (faults.length === 0) return undefined
    return `${faults.join('; ')}\n  ${describeRequest(sent)}\n  → ${answer.status} ${answer.text.slice(0, 500)}`
  }
}

function statusFault({ status, headers }: WireAnswer): string | undefined {
  if (status < 500) return undefined
  if (status !== 503) return `status ${status}`
  return Number(headers['retry-after']) > 0 ? undefined : '503 without Retry-After'
}

function shapeFault(
  { target, method }: WireRequest,
  { status, headers, text }: WireAnswer,
  reached: Reached | undefined,
): string | undefined {
  if (method === 'HEAD' || status === 304) return undefined
  const isJson = /[/+]json/.test(String(headers['content-type']))
  const body: unknown = isJson ? parsed(text) : text
  try {
    if (status >= 400 && isParserError(body)) return undefined
    if (status >= 400) expectVendorShape(isKnown(reached) ? reached.dialect : ownerOf(target), body)
    else if (status < 300 && isKnown(reached))
      expectDeclaredShape(findDialect(reached.dialect), reached.operation, { status, body })
  } catch (error) {
    return `not in its shape: ${String(error).slice(0, 600)}`
  }
  return undefined
}

const isKnown = (reached: Reached | undefined): reached is Reached =>
  reached !== undefined && reached.operation !== 'none'

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return `not JSON: ${text.slice(0, 200)}`
  }
}

/** What is no HTTP has no path, so it is nobody's. */
function isParserError(body: unknown): boolean {
  return Object(body).code === 'CDP_REQUEST_MALFORMED' && !('traceId' in Object(body))
}

/** The dialect below whose prefix a path lies, as it was sent. */
function ownerOf(target: string): string {
  const path = target.split('?', 1)[0] ?? ''
  const owners = dialects.flatMap(({ name, prefixes }) => prefixes.map((prefix) => ({ name, prefix })))
  const [longest] = owners
    .filter(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length)
  return longest?.name ?? 'native'
}

/** What answers give back of their request is not from the inside; UNDEFINED is a sex in one vendor's contract. */
function internalFault(sent: WireRequest, { status, text }: WireAnswer): string | undefined {
  const [found] = (status >= 400 ? INTERNAL : CODE).exec(text.replaceAll('UNDEFINED', '')) ?? []
  if (found === undefined) return undefined
  const said = `${sent.target} ${JSON.stringify(sent.headers)} ${String(sent.body)}`.toLowerCase()
  return said.includes(found.toLowerCase()) ? undefined : `internal: ${found}`
}

function secretFault(
  secrets: Readonly<Record<string, string>>,
  { text, headers }: WireAnswer,
): string | undefined {
  const said = text + JSON.stringify(headers)
  const found = Object.entries(secrets).find(([, secret]) => said.includes(secret))
  return found && `holds the secret ${found[0]}`
}
