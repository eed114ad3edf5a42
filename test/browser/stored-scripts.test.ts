import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PATHS } from '../../console/src/paths.ts'
import { PAGE_PURPOSES } from '../../src/http/account-pages/texts.ts'
import { KEYS, post } from '../system/server-harness.ts'
import { openConsole } from './harness.ts'
import type { ConsoleUnderTest } from './harness.ts'

/** A script in each way that text becomes one; every one of them would set the same mark. */
const MARK = 'window.__ran=1'
const SCRIPTS = [
  `<script>${MARK}</script>`,
  `"><img src=x onerror="${MARK}">`,
  `'><svg onload=${MARK}>`,
  `javascript:${MARK}`,
  `{{constructor.constructor('${MARK}')()}}`,
  `</title></textarea><iframe srcdoc="<script>parent.${MARK}</script>">`,
]
/** All in one text that names may hold. */
const SCRIPT = SCRIPTS[1]!
const ALL = SCRIPTS.join(' ')

let underTest: ConsoleUnderTest
const params: Record<string, string> = {}

async function send(
  method: string,
  path: string,
  body: unknown,
  type = 'application/json',
): Promise<Record<string, unknown>> {
  const response = await fetch(`${underTest.server.address}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  expect(response.ok, `${path}: ${text}`).toBe(true)
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
}

beforeAll(async () => {
  underTest = await openConsole(SCRIPT)
  const person = { identifiers: [{ kind: 'userId', value: SCRIPT }] }
  const attributes = {
    firstName: SCRIPT,
    lastName: ALL,
    email: 'a@example.com',
    avatarUrl: SCRIPTS[3],
    [SCRIPT]: ALL,
    list: SCRIPTS,
  }
  const written = await send('POST', '/api/v1/profiles', {
    items: [{ ...person, attributes, tags: [SCRIPT] }],
  })
  const profileId = String((written['items'] as { profileId: number }[])[0]!.profileId)
  await send('POST', `/api/v1/profiles/${profileId}/notes`, { subject: SCRIPT, body: ALL })
  const employee = { userId: SCRIPT, company: SCRIPT }
  expect((await post(underTest.server.address, 'users', employee)).status).toBe(201)
  const properties = { page: ALL, [SCRIPT]: SCRIPTS, url: SCRIPTS[3] }
  // The second one is refused, and lies in the ledger with all that it holds.
  await send('POST', '/api/v1/events', {
    items: [
      { ...person, name: SCRIPT, properties },
      { name: SCRIPT, properties },
    ],
  })
  const definition = { type: 'attribute', name: SCRIPT, operator: 'equals', value: SCRIPT }
  const segment = await send('POST', '/api/v1/segments', { name: SCRIPT, definition })
  const count = { function: 'count', name: SCRIPT }
  await send('POST', '/api/v1/aggregates', { name: SCRIPT, definition: count })
  const literal = { type: 'literal', value: SCRIPT }
  await send('POST', '/api/v1/expressions', { name: ALL.slice(0, 255), definition: literal })
  const imported = await send(
    'POST',
    '/api/v1/imports?type=profiles',
    `userId,attributes.age:number\n"${SCRIPT.replaceAll('"', '""')}",<b>x</b>\n`,
    'text/csv',
  )
  await send('POST', '/api/v1/exports', { format: 'csv', segmentId: segment['id'] })
  await send('PUT', '/api/v1/message-templates/activation', {
    subject: SCRIPT,
    text: `${ALL.replaceAll(/[{}]/g, '')} {{link}}`,
  })
  await send('PUT', '/api/v1/roles/scripter', { permissions: ['CLIENT_INFO:read'] })
  Object.assign(params, { profileId, segmentId: String(segment['id']), importId: String(imported['id']) })
})

afterEach(async () => {
  await underTest.closePages()
})

afterAll(() => underTest.close())

const addressOf = (path: string): string =>
  `/console${path.replaceAll(/\$(\w+)/g, (_all, name: string) => params[name] ?? '')}`

async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const loading = page.locator('[aria-busy="true"], [aria-label="Loading"]')
  await expect.poll(() => loading.count(), { timeout: 15_000 }).toBe(0)
}

/** Whether a script of ours has run in the page, or stands in it as one that would. */
async function foundIn(page: Page): Promise<string[]> {
  const ran = await page.evaluate<unknown>('window.__ran')
  const elements = await page.evaluate<string[]>(
    `[...document.querySelectorAll('[onerror],[onload],iframe[srcdoc],a[href^="javascript:"],img[src="x"]')].map((e) => e.outerHTML)`,
  )
  return ran === undefined ? elements : ['a script ran', ...elements]
}

test('no page of the console runs what people and clients stored', async () => {
  const page = await underTest.signedIn()
  page.on('dialog', (dialog) => void dialog.dismiss())
  let shown = 0
  for (const path of Object.values(PATHS)) {
    if (path === PATHS.signIn || path === PATHS.googleReturn) continue
    const response = await page.goto(addressOf(path))
    const policy = response?.headers()['content-security-policy'] ?? ''
    expect(policy, path).toMatch(/default-src 'self'|script-src/)
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    await settle(page)
    expect(await foundIn(page), path).toEqual([])
    if ((await page.locator('body').innerText()).includes('onerror=')) shown++
  }
  // As text it is there: the pages did show it.
  expect(shown).toBeGreaterThan(3)
  expect(underTest.complaints.splice(0)).toEqual([])
})

test('no page outside of the console runs what stands in its address', async () => {
  const page = await (await underTest.context()).newPage()
  const said = encodeURIComponent(ALL)
  const addresses = [
    ...[...PAGE_PURPOSES, 'none-of-them'].flatMap((act) => [
      `/account/${act}?token=${said}&workspace=${said}`,
      `/account/${act}/${said}`,
    ]),
    `/docs/?url=${said}&configUrl=${said}#${said}`,
    `/console/sign-in?next=${said}&error=${said}`,
    `/console/signed-in#id_token=${said}&state=${said}`,
    `/${said}`,
  ]
  for (const address of addresses) {
    await page.goto(address)
    // Pages of accounts are whole once they are loaded; the others fetch what they show.
    if (!address.startsWith('/account/')) await page.waitForLoadState('networkidle')
    expect(await foundIn(page), address).toEqual([])
  }
  // A page that is not there, or a token that is none, is an error of the network's console and no fault.
  underTest.complaints.splice(0)
})
