import { expect } from 'vitest'
import { STATUS_OF_KIND } from '../../src/model/errors.ts'
import type { ErrorKind } from '../../src/model/errors.ts'
import type { Reply } from './harness.ts'

/** What a vendor's errors look like: the shape of the body, and the statuses that differ from the table's. */
interface VendorErrors {
  body: unknown
  statuses: Partial<Record<ErrorKind, number>>
  /** Where no credential at all is answered otherwise than a wrong one. */
  missingCredential?: number
}

const VENDORS: Record<string, VendorErrors> = {
  webengage: {
    body: { response: { status: 'error', message: expect.any(String) } },
    statuses: { unsupported_media: 400 },
  },
  // Shapes B, C and D of the reference: a time, a status, a message and the path are in each.
  synerise: {
    body: expect.objectContaining({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      status: expect.any(Number),
      message: expect.any(String),
      path: expect.stringMatching(/^\/(?!v4\/)/),
    }),
    statuses: {},
  },
  xtremepush: {
    body: expect.objectContaining({
      success: false,
      code: expect.any(Number),
      message: expect.any(String),
    }),
    statuses: { unsupported_media: 400 },
    missingCredential: 400,
  },
  yotpo: {
    body: {
      errors: [
        {
          code: expect.any(String),
          field: expect.toSatisfy((field) => field === null || typeof field === 'string'),
          message: expect.any(String),
        },
      ],
    },
    statuses: { unsupported_media: 400 },
  },
  pyze: {
    body: { code: expect.any(Number), message: expect.any(String) },
    statuses: { unsupported_media: 400 },
  },
  native: {
    body: expect.objectContaining({
      type: expect.stringMatching(/^urn:tributary:error:CDP_/),
      title: expect.any(String),
      status: expect.any(Number),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    }),
    statuses: {},
  },
}

/** Anything that only the inside of the server knows. */
export const INTERNAL =
  /postgres|sqlstate|select |insert |relation "|node_modules|ECONN|\.ts:|\.js:|stack|pg_|undefined/i

/** Holds the body of an error against the vendor's shape, whatever it says. */
export function expectVendorShape(dialect: string, body: unknown): void {
  expect(body).toEqual(VENDORS[dialect]?.body)
}

/** Holds an answer against the vendor's error shape: nothing internal in it, and a way to retry where one helps. */
export function expectVendorError(
  dialect: string,
  reply: Reply,
  kind: ErrorKind,
  { isMissing = false }: { isMissing?: boolean } = {},
): void {
  const vendor = VENDORS[dialect]
  if (!vendor) throw new Error(`no error shape for ${dialect}`)
  expect(reply.body).toEqual(vendor.body)
  const status = vendor.statuses[kind] ?? STATUS_OF_KIND[kind]
  expect(reply.status, reply.text).toBe((isMissing && vendor.missingCredential) || status)
  expect(reply.text).not.toMatch(INTERNAL)
  expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  if (kind === 'rate_limited' || kind === 'unavailable') {
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
  }
}
