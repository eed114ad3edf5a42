import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IdentifierKind } from '../../model/identity.ts'
import { IDENTIFIER_KINDS, identifierKey, identifierKindOf } from '../../model/identity.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import { isJunkIdentifier, normalizeIdentifier, readAlias } from './normalize.ts'

const SETTINGS: WorkspaceSettings = {
  timezone: 'UTC',
  defaultCountry: 'PL',
  emailIdentity: 'unique',
  companyAttribute: 'company',
  corsOrigins: [],
  junkIdentifiers: { userId: ['test', 'Demo User'] },
  ledgerDays: 30,
  changeLogDays: 0,
  exportDays: 7,
  dedupeDays: 0,
  eventDays: 0,
  eventDaysByName: [],
  tokenLifeSeconds: 3_600,
  accountConfirmation: 'automatic',
  passwordLengthMin: 6,
  passwordRequires: ['letter', 'digit', 'special'],
  identityProviders: {},
  accountRequirements: {},
  accountLinkUrl: null,
  mfaRequired: false,
  ipAllowlist: [],
  dialects: {},
}
const KINDS = Object.keys(IDENTIFIER_KINDS) as IdentifierKind[]

describe('the normal form of an identifier', () => {
  test('of an e-mail is NFC, trimmed and lower case', () => {
    for (const spelling of ['Zoë@Example.COM', ' zoe\u0308@example.com\t', 'ZOË@EXAMPLE.COM']) {
      expect(valueOf('email', spelling)).toBe('zoë@example.com')
    }
  })

  test("of a phone number is E.164, with the workspace's country where it has none", () => {
    for (const spelling of [
      '+48 600 100 200',
      '600-100-200',
      '(600) 100 200',
      '0048600100200',
      '+48600100200',
    ]) {
      expect(valueOf('phone', spelling)).toBe('+48600100200')
    }
    expect(valueOf('phone', '+1 212 555 2368')).toBe('+12125552368')
    const nowhere = { ...SETTINGS, defaultCountry: null }
    expect(normalizeIdentifier({ kind: 'phone', value: '600100200' }, nowhere)).toEqual({
      outcome: 'unparsable',
    })
    for (const none of ['12', 'call me', '+', '+999999999999999999']) {
      expect(normalizeIdentifier({ kind: 'phone', value: none }, SETTINGS), none).toEqual({
        outcome: 'unparsable',
      })
    }
  })

  test('of a uuid is lower case when it is one, and as sent when it is not', () => {
    expect(valueOf('uuid', '0F6D9E2B-3A1C-4C55-9A77-2A9D7F1F0A11')).toBe(
      '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    )
    expect(valueOf('uuid', 'Not-A-UUID')).toBe('Not-A-UUID')
  })

  test('of a userId, anonymousId and deviceId is what was sent', () => {
    for (const kind of ['userId', 'anonymousId', 'deviceId'] as const) {
      for (const value of [' Padded ', 'MiXed', 'e\u0301', '007']) expect(valueOf(kind, value)).toBe(value)
    }
  })

  test('of an alias is its label and its id, which can be read again', () => {
    const normalized = normalizeIdentifier({ kind: 'alias', label: 'pyze', value: 'X-1' }, SETTINGS)
    expect(normalized).toMatchObject({ outcome: 'usable', identifier: { kind: 'alias' } })
    expect(readAlias(valueOf('alias', 'X-1', 'pyze') ?? '')).toEqual({ label: 'pyze', id: 'X-1' })
    expect(valueOf('alias', 'b', 'a')).not.toBe(valueOf('alias', 'ab', ''))
  })

  test('is its own normal form', () => {
    const anyValue = fc.oneof(
      fc.string(),
      fc.emailAddress(),
      fc.uuid(),
      fc.constantFrom('+48600100200', 'İ@x.pl', 'ﬁ@x.pl'),
    )
    fc.assert(
      fc.property(fc.constantFrom(...KINDS.filter((kind) => kind !== 'alias')), anyValue, (kind, value) => {
        const once = normalizeIdentifier({ kind, value }, SETTINGS)
        if (once.outcome !== 'usable') return
        expect(normalizeIdentifier({ kind, value: once.identifier.value }, SETTINGS)).toEqual(once)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is refused above 255 code points and with what cannot be stored', () => {
    for (const kind of ['userId', 'email', 'uuid', 'alias', 'deviceId'] as const) {
      for (const value of ['x'.repeat(256), '😀'.repeat(256), 'a\0', '\uD800']) {
        expect(normalizeIdentifier({ kind, value, label: 'l' }, SETTINGS)).toEqual({ outcome: 'invalid' })
      }
    }
    expect(valueOf('userId', '😀'.repeat(255))).toBe('😀'.repeat(255))
    expect(normalizeIdentifier({ kind: 'alias', value: 'a', label: 'l\0' }, SETTINGS)).toEqual({
      outcome: 'invalid',
    })
  })
})

describe('a value that identifies nobody', () => {
  test('is junk in any case and with spaces around', () => {
    for (const value of [
      '',
      '  ',
      'NULL',
      ' undefined',
      'None',
      '0',
      '-1',
      'n/a',
      'Guest',
      '[object Object]',
      'false',
    ]) {
      for (const kind of KINDS)
        expect(isJunkIdentifier({ kind, value }, SETTINGS), `${kind} ${value}`).toBe(true)
    }
    for (const value of ['00', '1', 'nullable', 'a'])
      expect(isJunkIdentifier({ kind: 'userId', value }, SETTINGS)).toBe(false)
  })

  test('is also what the workspace says, for that kind only', () => {
    for (const value of ['test', 'TEST ', 'demo user'])
      expect(isJunkIdentifier({ kind: 'userId', value }, SETTINGS), value).toBe(true)
    expect(isJunkIdentifier({ kind: 'deviceId', value: 'test' }, SETTINGS)).toBe(false)
  })
})

test('kinds and their numbers are one to one', () => {
  for (const kind of KINDS) expect(identifierKindOf(IDENTIFIER_KINDS[kind].code)).toBe(kind)
  expect(() => identifierKindOf(99)).toThrow(RangeError)
  expect(identifierKey({ kind: 'userId', value: '2:x' })).not.toBe(
    identifierKey({ kind: 'email', value: 'x' }),
  )
})

function valueOf(kind: IdentifierKind, value: string, label?: string): string | undefined {
  const normalized = normalizeIdentifier({ kind, value, ...(label !== undefined && { label }) }, SETTINGS)
  return normalized.outcome === 'usable' ? normalized.identifier.value : undefined
}
