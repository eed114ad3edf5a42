import { expect, test } from 'vitest'
import { VENDOR_SETTINGS } from '../config.ts'
import { settingsSchema } from '../model/workspace-settings.ts'
import { parseSettingOptions } from './setting-options.ts'

const schema = settingsSchema(VENDOR_SETTINGS)

const parse = (set: string[], unset: string[] = []): object => parseSettingOptions(schema, { set, unset })

test.each([
  [
    'a text stays a text, whatever it looks like',
    'webengage.licenseCode=123',
    { webengage: { licenseCode: '123' } },
  ],
  ['a number is a number', 'dedupeDays=7', { dedupeDays: 7 }],
  ['true is true', 'pyze.requiresApiKey=true', { pyze: { requiresApiKey: true } }],
  ['a list is JSON', 'corsOrigins=["https://a.example"]', { corsOrigins: ['https://a.example'] }],
  ['a block is JSON', 'xtremepush={}', { xtremepush: {} }],
  ['null is null where the schema has it', 'defaultCountry=null', { defaultCountry: null }],
  ['null is a text where it has not', 'timezone=null', { timezone: 'null' }],
  ['a value may hold the sign', 'timezone=a=b', { timezone: 'a=b' }],
  ['what is no JSON stays a text, for the check to refuse', 'dedupeDays=many', { dedupeDays: 'many' }],
  ['an unknown key is kept, for the check to refuse', 'colour=red', { colour: 'red' }],
])('%s', (_what, option, patch) => {
  expect(parse([option])).toEqual(patch)
})

test('options about one block are gathered in it', () => {
  const set = ['yotpo.storeId=s', 'yotpo.requestsPerSecond=2']
  expect(parse(set, ['webengage', 'pyze.requiresApiKey'])).toEqual({
    yotpo: { storeId: 's', requestsPerSecond: 2 },
    webengage: null,
    pyze: { requiresApiKey: null },
  })
})

test('an option without a key is wrong usage', () => {
  expect(() => parse(['=x'])).toThrow('key=value')
  expect(() => parse(['timezone'])).toThrow('key=value')
})
