import { afterAll, beforeAll, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness, Reply } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness
let page: Reply

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  page = await harness.raw('GET', '/docs')
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** Addresses that a page names, as a browser at /docs resolves them. */
function addressesOf(html: string): string[] {
  const named = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address)
  return named.map((address) => new URL(address, 'http://tributary.test/docs').href)
}

it('the page names files of this server only, and all of them are there', async () => {
  expect(page.status).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  const addresses = addressesOf(page.text)
  expect(addresses).toHaveLength(5)
  for (const address of addresses) {
    const { origin, pathname } = new URL(address)
    expect(origin).toBe('http://tributary.test')
    const { status, headers } = await harness.raw('GET', pathname)
    expect([pathname, status]).toEqual([pathname, 200])
    expect(headers['content-security-policy']).toBe(page.headers['content-security-policy'])
  }
  expect(page.text.replaceAll(/(?:src|href)="[^"]*"/g, '')).not.toMatch(/\/\/|<style|<script>|style=/)
})

it('the policy lets a browser ask nobody else, whatever the scripts try', () => {
  const policy = String(page.headers['content-security-policy'])
  const directives = Object.fromEntries(policy.split('; ').map((directive) => directive.split(/ (.*)/, 2)))
  expect(directives['default-src']).toBe("'none'")
  for (const sources of Object.values(directives)) expect(sources).toMatch(/^('none'|'self'|'self' data:)$/)
})

it('styles load nothing from elsewhere', async () => {
  const { text } = await harness.raw('GET', '/docs/swagger-ui.css')
  expect(text).not.toMatch(/@import|url\(\s*["']?(?!["']?data:)/)
})

it('every document can be chosen, the native one comes first, and no validator is asked', async () => {
  const { text } = await harness.raw('GET', '/docs/start.js')
  const [, json = '{}'] = /\.\.\.(\{.*\}),$/m.exec(text) ?? []
  const settings = JSON.parse(json) as { urls: { name: string; url: string }[]; validatorUrl: unknown }
  expect(settings.validatorUrl).toBeNull()
  expect(settings.urls[0]?.url).toBe('openapi/native.json')
  expect(settings.urls.map(({ name }) => name).sort()).toEqual(dialects.map(({ title }) => title).sort())
  for (const { url } of settings.urls) expect((await harness.raw('GET', `/${url}`)).status).toBe(200)
})

it('other paths below it stay "not found" in the native shape', async () => {
  for (const path of ['/docs/', '/docs/nothing.js', '/docs/json', '/docs/..%2fpackage.json']) {
    const reply = await harness.raw('GET', path)
    expect([path, reply.status, reply.body]).toMatchObject([path, 404, { code: 'CDP_PATH_UNKNOWN' }])
  }
})
