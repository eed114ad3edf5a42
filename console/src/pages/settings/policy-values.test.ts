import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../api/problem.ts'
import { PROVIDER_GROUPS } from './policy-groups-people.ts'
import { SECTIONS } from './policy-sections.ts'
import { VENDOR_GROUPS } from './policy-groups-vendors.ts'
import type { PolicyGroup } from './policy-types.ts'
import { complaintOf, patchOf, settingAt, valuesOf } from './policy-values.ts'
import type { Values } from './policy-values.ts'

const groups = SECTIONS.flatMap((section) => section.groups)

function groupOf(id: string): PolicyGroup {
  const found = groups.find((group) => group.id === id)
  if (!found) throw new Error(`no group ${id}`)
  return found
}

/** The patch after a form was opened and some of its fields were changed. */
function patchAfter(id: string, settings: object, changed: Values, isOn = true) {
  const group = groupOf(id)
  const given = settings as Record<string, unknown>
  return patchOf(group, given, { ...valuesOf(group.fields, given), ...changed }, isOn)
}

test('no setting is asked for twice, and every group has a name of its own', () => {
  const paths = groups.flatMap(({ fields }) => fields.map(({ path }) => path))
  expect(new Set(paths).size).toBe(paths.length)
  expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length)
})

test('a form that nobody touches changes nothing', () => {
  const settings = { timezone: 'Europe/Warsaw', defaultCountry: null, emailIdentity: 'unique' }
  expect(patchAfter('reading', settings, {})).toEqual({})
})

test('only what was touched is sent, and what is empty gets its default', () => {
  const settings = { timezone: 'UTC', defaultCountry: 'PL', companyAttribute: 'company' }
  expect(patchAfter('reading', settings, { defaultCountry: '', companyAttribute: ' firm ' })).toEqual({
    defaultCountry: null,
    companyAttribute: 'firm',
  })
})

test('a list without a default is emptied, one that may be absent goes', () => {
  expect(patchAfter('users', { ipAllowlist: ['192.0.2.1'] }, { ipAllowlist: [] })).toEqual({
    ipAllowlist: [],
  })
  expect(
    patchAfter('junk', { junkIdentifiers: { email: ['a@b.example'] } }, { 'junkIdentifiers.email': [] }),
  ).toEqual({ junkIdentifiers: { email: null } })
})

describe('a block', () => {
  test.each([...VENDOR_GROUPS, ...PROVIDER_GROUPS])('$id goes as a whole', ({ id, block = '' }) => {
    const settings = block.split('.').reduceRight<object>((inner, name) => ({ [name]: inner }), {})
    expect(settingAt(patchAfter(id, settings, {}, false), block)).toBeNull()
    expect(patchAfter(id, {}, {}, false)).toEqual({})
  })

  test('comes with all of its fields', () => {
    expect(patchAfter('yotpo', {}, { 'yotpo.storeId': 'STORE2' })).toEqual({
      yotpo: { storeId: 'STORE2', requestsPerSecond: 5 },
    })
  })
})

describe('introspection', () => {
  const there = {
    identityProviders: {
      oauth: {
        userinfoUrl: 'https://id.example/me',
        introspection: { url: 'u', clientId: 'c', audiences: ['a'] },
      },
    },
  }
  const EMPTY = {
    'identityProviders.oauth.introspection.url': '',
    'identityProviders.oauth.introspection.clientId': '',
    'identityProviders.oauth.introspection.audiences': [],
  }

  test('goes when all of it is empty', () => {
    expect(patchAfter('oauth', there, EMPTY)).toEqual({
      identityProviders: { oauth: { introspection: null } },
    })
  })

  test('stays out where it never was', () => {
    const changed = { 'identityProviders.oauth.userinfoUrl': 'https://id.example/me' }
    expect(settingAt(patchAfter('oauth', {}, changed), 'identityProviders.oauth')).toEqual({
      userinfoUrl: 'https://id.example/me',
      introspection: null,
    })
  })
})

test('a complaint about a part of a setting stands at the setting', () => {
  const detail = 'settings.corsOrigins.0: must be an origin'
  const error = new ProblemError({
    title: '',
    detail,
    errors: [{ pointer: '/settings/corsOrigins/0', detail }],
  })
  expect(complaintOf(error, 'corsOrigins')).toBe('must be an origin')
  expect(complaintOf(error, 'cors')).toBeUndefined()
})
