import { expect, test } from 'vitest'
import { rateLimit, text } from '../../model/schema-parts.ts'
import { DEFAULT_SETTINGS, openSettingsForm } from './settings.ts'

const form = openSettingsForm({
  acme: { account: text('credential', 'The account.'), requestsPerMinute: rateLimit(500, 'Requests.') },
})

test('the defaults of the schema are the settings of a workspace that says nothing', () => {
  const flat = {}
  expect(form.check(flat)).toEqual([])
  expect(form.toStored(flat, DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS)
  expect(form.show(DEFAULT_SETTINGS)).toEqual(flat)
})

test('what is stored is shown with its defaults, and stored again as it was meant', () => {
  const stored = { ...DEFAULT_SETTINGS, dialects: { acme: { account: 'a1' }, native: {} } }
  const flat = form.show(stored)
  expect(flat).toMatchObject({ acme: { account: 'a1', requestsPerMinute: 500 } })
  expect(flat).not.toHaveProperty('native')
  expect(form.toStored(flat, stored).dialects).toMatchObject({ native: {}, acme: { account: 'a1' } })
  expect(stored.dialects.acme).toEqual({ account: 'a1' })
})
