import { setTimeout as delay } from 'node:timers/promises'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PATHS } from '../../console/src/paths.ts'
import { KEYS } from '../system/server-harness.ts'
import { openConsole } from './harness.ts'
import type { ConsoleUnderTest } from './harness.ts'

let underTest: ConsoleUnderTest

/** What stands in paths in place of `$name`. */
const params: Record<string, string> = {}

const visited = new Set<string>()

beforeAll(async () => {
  underTest = await openConsole()
  const { address } = underTest.server
  const send = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${KEYS.native}`, 'content-type': 'application/json' }
    const response = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(response.ok, await response.clone().text()).toBe(true)
    return (await response.json()) as Record<string, unknown>
  }
  const person = { identifiers: [{ kind: 'userId', value: 'u-1' }] }
  const written = await send('/api/v1/profiles', {
    items: [
      {
        ...person,
        attributes: { firstName: 'Ana', age: 31 },
        consents: [{ channel: 'email', state: 'granted' }],
      },
    ],
  })
  await send('/api/v1/events', {
    items: [{ ...person, name: 'Seen', properties: { page: 'home' } }, { name: 'Nobody' }],
  })
  const definition = { type: 'attribute', name: 'age', operator: 'atLeast', value: 30 }
  const segment = await send('/api/v1/segments', { name: 'Grown up', definition })
  const imported = await fetch(`${address}/api/v1/imports?type=profiles`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'text/csv' },
    body: 'userId,attributes.age:number\nu-2,12\nu-3,x\n',
  })
  await send('/api/v1/exports', { format: 'ndjson' })
  params['profileId'] = String((written['items'] as { profileId: number }[])[0]!.profileId)
  params['segmentId'] = String(segment['id'])
  params['importId'] = String(((await imported.json()) as { id: number }).id)
})

afterEach(async () => {
  await underTest.closePages()
  expect(underTest.complaints.splice(0)).toEqual([])
})

afterAll(() => underTest.close())

const LOOKS = [
  { viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

/** Waits until nothing is loading any more. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const loading = page.locator('[aria-busy="true"], [aria-label="Loading"]')
  await expect.poll(() => loading.count(), { timeout: 15_000 }).toBe(0)
}

const addressOf = (path: string): string =>
  `/console${path.replaceAll(/\$(\w+)/g, (_all, name: string) => params[name] ?? '')}`

test.each(LOOKS)(
  'every page is accessible and stays within $viewport.width pixels, $colorScheme',
  async (look) => {
    const page = await underTest.signedIn(look)
    for (const path of Object.values(PATHS)) {
      if (path === PATHS.signIn || path === PATHS.googleReturn) continue
      await page.goto(addressOf(path))
      await settle(page)
      visited.add(path)
      const { violations } = await new AxeBuilder({ page }).analyze()
      const found = violations.map(
        ({ id, nodes }) => `${path}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      )
      expect.soft(found, path).toEqual([])
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(width, `${path} scrolls sideways`).toBeLessThanOrEqual(look.viewport.width)
    }
    await page.context().close()
  },
)

test('the pages before the sign-in are accessible too', async () => {
  const page = await (await underTest.context()).newPage()
  for (const path of [PATHS.signIn, PATHS.googleReturn]) {
    await page.goto(addressOf(path))
    await settle(page)
    visited.add(path)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
  }
})

test('there is no page that was not visited', () => {
  expect([...visited].toSorted()).toEqual(Object.values(PATHS).toSorted())
})

test('whoever opens somebody before a search was sent stays there, however long the page takes to load', async () => {
  const page = await underTest.signedIn()
  await page.route('**/profile-page*.js', async (route) => {
    await delay(1_000)
    await route.continue()
  })
  await page.goto('/console/profiles')
  const link = page.getByRole('link', { name: /Ana/ })
  await link.waitFor()
  await page.getByLabel('Search profiles').fill('ana')
  // At once, as a click of the test's own would wait until the row rests.
  await link.dispatchEvent('click')
  await page.getByRole('tab', { name: 'Attributes' }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(/profiles\/\d+$/)
})

test('an address that no page has says so', async () => {
  const page = await underTest.signedIn()
  await page.goto('/console/no-such-page')
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  expect(page.url()).toContain('/no-such-page')
})

test('the first page takes less than 300 kB of compressed JavaScript', async () => {
  const page = await (await underTest.context()).newPage()
  let bytes = 0
  page.on('response', (response) => {
    if (!response.url().endsWith('.js')) return
    expect(response.headers()['content-encoding']).toBe('gzip')
    bytes += Number(response.headers()['content-length'])
  })
  await page.goto('/console/')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(300_000)
})

test('scripts run from the server only, and no page can be put into a frame', async () => {
  const response = await fetch(`${underTest.server.address}/console/profiles`)
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/script-src 'self'(;|$)/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("connect-src 'self'")
  expect(response.headers.get('cache-control')).toBe('no-cache')
  const asset = /\/console\/assets\/[\w.-]+\.js/.exec(await response.text())?.[0]
  const script = await fetch(`${underTest.server.address}${asset}`)
  expect(script.headers.get('cache-control')).toContain('immutable')
  const missing = await fetch(`${underTest.server.address}/console/assets/none.js`)
  expect(missing.status).toBe(404)
  expect(missing.headers.get('cache-control') ?? '').not.toContain('immutable')
})
