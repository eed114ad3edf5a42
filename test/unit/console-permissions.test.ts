import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NATIVE_PERMISSIONS, SYNERISE_PERMISSIONS } from '../../console/src/pages/settings/key-permissions.ts'
import { ALL, GROUPS } from '../../console/src/pages/settings/role-permissions.ts'
import { PERMISSION_GROUPS, expandPermissions } from '../../src/model/roles.ts'

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort()

test('the console offers every permission of a role that the server knows', () => {
  expect(Object.keys(GROUPS)).toEqual(PERMISSION_GROUPS)
  expect([...ALL].sort()).toEqual(expandPermissions(['*']))
})

test('the console offers every permission of a native key that the table of the API has', () => {
  expect(NATIVE_PERMISSIONS).toEqual(namesIn(textOf('src/dialects/native/README.md'), /`([a-z-]+:[a-z-]+)`/g))
})

test('the console offers every permission of a Synerise key that an operation asks for', () => {
  const text = textOf('docs/openapi/synerise.json')
  const sentences = namesIn(text, /Permission of the API key: ([^.]*)/g).join(' ')
  expect(SYNERISE_PERMISSIONS).toEqual(namesIn(sentences, /`([A-Z_]+)`/g))
})
