import { writeFile } from 'node:fs/promises'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { NATIVE, sendersOf, senderTo } from './applications.ts'
import type { Send } from './applications.ts'
import { OWNER, openConsole } from './harness.ts'
import type { ConsoleUnderTest } from './harness.ts'

let underTest: ConsoleUnderTest

let send: Send

beforeAll(async () => {
  underTest = await openConsole()
  send = senderTo(underTest.server.address)
})

afterEach(async () => {
  await underTest.closePages()
  expect(underTest.complaints.splice(0)).toEqual([])
})

afterAll(() => underTest.close())

test('an event that is sent through any of the APIs is seen arriving, and the person is found by it', async () => {
  const page = await underTest.signedIn()
  await page.getByRole('link', { name: 'Live', exact: true }).click()
  await page.getByText('Connected', { exact: true }).waitFor()
  for (const [api, sendEvent] of Object.entries(sendersOf(send))) {
    await sendEvent()
    const row = page.getByRole('listitem').filter({ hasText: `seen.${api.toLowerCase()}` })
    await row.waitFor()
    expect(await row.textContent()).toContain(api)
    await row.getByLabel('Accepted').waitFor()
  }
  await page.getByRole('button', { name: /seen\.yotpo/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('link', { name: /^Profile \d+$/ })
    .click()
  await page.getByRole('heading', { level: 1 }).filter({ hasText: 'zofia-1' }).waitFor()
  for (const api of Object.keys(sendersOf(send))) await page.getByText(`seen.${api.toLowerCase()}`).waitFor()
})

test('what was refused shows why, and is stored once it is mended and sent again', async () => {
  const page = await underTest.signedIn()
  await page.goto('/console/live?outcome=rejected')
  await page.getByText('Connected', { exact: true }).waitFor()
  await send('/api/v1/events', NATIVE, {
    items: [{ identifiers: [{ kind: 'userId', value: 'mended-1' }], nam: 'Mistyped' }],
  })
  await page.getByRole('button', { name: /create-events/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('request_refused').first().waitFor()
  await dialog.getByText(/^name: is required/).waitFor()
  const item = dialog.getByLabel('What it said')
  await item.fill((await item.inputValue()).replace('"nam"', '"name"'))
  await dialog.getByRole('button', { name: 'Send again, mended' }).click()
  await dialog.getByText('It was taken in').waitFor()
  const found = await fetch(`${underTest.server.address}/api/v1/profiles/lookup?kind=userId&value=mended-1`, {
    headers: NATIVE,
  })
  expect(found.status).toBe(200)
})

test('people are found as one types, changed with a check for conflicts, and what was before is shown', async () => {
  const person = { identifiers: [{ kind: 'userId', value: 'ida-1' }] }
  await send('/api/v1/profiles', NATIVE, {
    items: [{ ...person, attributes: { firstName: 'Ida', lastName: 'Lovelock', city: 'Lublin' } }],
  })
  const page = await underTest.signedIn()
  await page.getByRole('navigation').getByRole('link', { name: 'Profiles' }).click()
  await page.getByLabel('Search profiles').fill('lovel')
  await page.getByRole('link', { name: /Ida Lovelock/ }).click()
  await page.getByRole('tab', { name: 'Attributes' }).click()
  await page.getByRole('button', { name: 'Change city' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Value').fill('Gdynia')
  // Somebody else is faster.
  await send('/api/v1/profiles', NATIVE, { items: [{ ...person, attributes: { city: 'Opole' } }] })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('Save again to write over that').waitFor()
  // The refusal of the browser's request stands on its console.
  expect(underTest.complaints.splice(0)).toEqual([expect.stringContaining('status of 412')])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: 'Gdynia' }).waitFor()
  await page.getByRole('button', { name: 'History of city' }).click()
  const history = page.getByRole('dialog')
  await history.getByRole('row').filter({ hasText: 'Opole' }).filter({ hasText: 'Gdynia' }).waitFor()
  await history.getByRole('row').filter({ hasText: 'Lublin' }).filter({ hasText: 'Opole' }).waitFor()
})

test('members of a segment have names by one request, and a segment that somebody else saved is not saved over unseen', async () => {
  const people = ['Ada', 'Bea', 'Cleo'].map((firstName) => ({
    identifiers: [{ kind: 'userId', value: `member-${firstName}` }],
    attributes: { firstName, club: 'chess' },
  }))
  await send('/api/v1/profiles', NATIVE, { items: people })
  const definition = { type: 'attribute', name: 'club', operator: 'equals', value: 'chess' }
  const { id } = await send('/api/v1/segments', NATIVE, { name: 'Players', definition })
  const page = await underTest.signedIn()
  const reads: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (/^\/api\/v1\/profiles\b/.test(url.pathname)) reads.push(url.pathname)
  })
  await page.goto(`/console/segments/${String(id)}?tab=members`)
  for (const { attributes } of people) await page.getByRole('link', { name: attributes.firstName }).waitFor()
  expect(reads).toEqual(['/api/v1/profiles'])
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Chess players')
  // Somebody else is faster.
  const response = await fetch(`${underTest.server.address}/api/v1/segments/${String(id)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...NATIVE },
    body: JSON.stringify({ name: 'Club', definition }),
  })
  expect(response.status).toBe(200)
  await page.getByRole('button', { name: 'Save segment' }).click()
  await page.getByText('Open it in another tab to compare').waitFor()
  expect(underTest.complaints.splice(0)).toEqual([expect.stringContaining('status of 412')])
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await page.getByRole('heading', { name: 'Chess players' }).waitFor()
})

test('two profiles are merged after a preview, and the merge is taken back from the timeline', async () => {
  const { items } = await send('/api/v1/profiles', NATIVE, {
    items: ['twin-1', 'twin-2'].map((value) => ({
      identifiers: [{ kind: 'userId', value }],
      attributes: { own: value },
    })),
  })
  const [one, other] = (items as { profileId: number }[]).map(({ profileId }) => profileId)
  const page = await underTest.signedIn()
  await page.goto(`/console/profiles/${one}`)
  await page.getByRole('button', { name: 'Merge' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('The other profile').fill(String(other))
  await dialog.getByRole('button', { name: 'Show what becomes of it' }).click()
  await dialog.getByText('So it would be').waitFor()
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
  await page.getByText('Merged. The timeline has it').waitFor()
  await page.goto(`/console/profiles/${other}`)
  await page.getByText(`Profile ${other} was merged into this one, profile ${one}.`).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/console/profiles/${one}`)
  await page.getByRole('button', { name: new RegExp(`Profile ${other} was merged`) }).click()
  await page.getByText('twin-2', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Take the merge back' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take the merge back' }).click()
  await page.getByText('is one of its own again').waitFor()
  await expect.poll(() => page.getByText('twin-2', { exact: true }).count()).toBe(0)
})

test('a table is imported: columns are guessed, rows that cannot be stored are shown', async () => {
  const file = underTest.sandbox.path('people.csv')
  await writeFile(
    file,
    'Customer ID;e-mail;Age\nimported-1;i1@example.com;41\nimported-2;i2@example.com;old\n',
  )
  const page = await underTest.signedIn()
  await page.getByRole('link', { name: 'Imports', exact: true }).click()
  await page.getByRole('link', { name: 'New import' }).first().click()
  await page.locator('input[type=file]').setInputFiles(file)
  expect(await page.getByRole('combobox', { name: 'Where Customer ID goes' }).inputValue()).toBe('userId')
  expect(await page.getByRole('combobox', { name: 'Where e-mail goes' }).inputValue()).toBe('email')
  await choose(page, 'What Age is read as', 'number')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('2 of 2 rows').waitFor()
  await page.getByRole('row').filter({ hasText: 'must be a number' }).waitFor()
  await page.goto('/console/profiles?search=i1@example.com')
  await page.getByRole('link', { name: /i1@example.com/ }).waitFor()
})

/** Chooses from a select, which is an input with a list of its own. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('credentials that are made here work in the commands that stand beside them', async () => {
  const page = await underTest.signedIn()
  await page.getByRole('link', { name: 'Connect', exact: true }).click()
  await page.getByRole('button', { name: 'Make credentials' }).click()
  const command = await page
    .getByRole('region', { name: 'A first call' })
    .locator('pre')
    .first()
    .textContent()
  const { execFileSync } = await import('node:child_process')
  expect(execFileSync('bash', ['-c', `${command} -s -f`]).toString()).toContain('"status":"stored"')
})

test('a segment is built, its count follows what is said, and its members follow what is sent', async () => {
  const living = (city: string, ...ids: string[]): Promise<unknown> =>
    send('/api/v1/profiles', NATIVE, {
      items: ids.map((value) => ({ identifiers: [{ kind: 'userId', value }], attributes: { city } })),
    })
  await living('Sopot', 'sea-1', 'sea-2')
  await living('Zakopane', 'hill-1')
  const page = await underTest.signedIn()
  await page.getByRole('navigation').getByRole('link', { name: 'Segments' }).click()
  await page.getByRole('link', { name: 'New segment' }).first().click()
  // Not the search by name of the list, which stands there until the form is loaded.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('By the sea')
  await page.getByRole('button', { name: 'Add a condition' }).click()
  await page.getByRole('menuitem', { name: 'Attribute', exact: true }).click()
  await page.getByRole('combobox', { name: 'Attribute' }).fill('city')
  const value = page.getByLabel('Value', { exact: true })
  const count = page.getByRole('region', { name: 'Who would belong to it' })
  await value.fill('Zakopane')
  await count.getByText(/^1 profile$/).waitFor()
  await value.fill('Sopot')
  await count.getByText(/^2 profiles$/).waitFor()
  // The address holds the draft.
  await page.reload()
  await count.getByText(/^2 profiles$/).waitFor()
  await page.getByRole('button', { name: 'Create segment' }).click()
  await page.getByRole('heading', { level: 1, name: 'By the sea' }).waitFor()
  await page.getByRole('tab', { name: 'Members' }).click()
  await expect.poll(() => page.getByRole('link', { name: /^sea-/ }).count(), { timeout: 15_000 }).toBe(2)
  await living('Sopot', 'hill-1')
  await expect
    .poll(
      async () => {
        await page.reload({ waitUntil: 'networkidle' })
        return page.getByRole('link', { name: /^(sea|hill)-/ }).count()
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toBe(3)
  // While a condition is being written it cannot be counted; the browser tells of each such answer.
  for (const complaint of underTest.complaints.splice(0))
    expect(complaint).toMatch(/segments\/new.* status of 400/)
})

test('a key that is made opens the API at once, and closes it once it is revoked', async () => {
  const page = await underTest.signedIn()
  await page.goto('/console/settings/keys')
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make the key' }).click()
  const dialog = page.getByRole('dialog', { name: 'The secret of the key' })
  const secret = await dialog.locator('pre').textContent()
  await dialog.getByRole('button', { name: 'I have kept it' }).click()
  const ask = async (): Promise<number> =>
    (
      await fetch(`${underTest.server.address}/api/v1/stats`, {
        headers: { authorization: `Bearer ${secret}` },
      })
    ).status
  expect(await ask()).toBe(200)
  const row = page
    .getByRole('row')
    .filter({ hasText: secret!.slice(0, 4) })
    .last()
  await row.getByRole('button', { name: /^Acts on/ }).click()
  await page.getByRole('menuitem', { name: /Revoke/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Revoke/ })
    .click()
  await expect.poll(ask, { timeout: 10_000 }).toBe(401)
})

/** Comes last: from here on the user has a second factor. */
test('who has a second factor signs in by a password and a code, and a wrong code says so', async () => {
  const login = await send('/api/v1/auth/login', {}, OWNER)
  const authorization = `Bearer ${String(login['token'])}`
  const enrolment = await send('/api/v1/auth/totp', { authorization }, {})
  const totp = new TOTP({ secret: String(enrolment['secret']) })
  await send('/api/v1/auth/totp/confirm', { authorization }, { code: totp.generate() })
  const page = await (await underTest.context()).newPage()
  await page.goto('/console/profiles?city=Lublin')
  await page.getByLabel('E-mail').fill(OWNER.email)
  await page.locator('input[type=password]').fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('textbox', { name: 'Code' }).fill('000000')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('alert').waitFor()
  expect(underTest.complaints.splice(0)).toEqual([expect.stringContaining('status of 401')])
  // A code is good once: the next one, which stays good when its step begins meanwhile.
  await page.getByRole('textbox', { name: 'Code' }).fill(totp.generate({ timestamp: Date.now() + 30_000 }))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Shop', exact: true }).click()
  // Where one wanted to go is where one arrives.
  await page.waitForURL('**/console/profiles?city=Lublin')
  await page.getByRole('heading', { level: 1, name: 'Profiles' }).waitFor()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('E-mail').waitFor()
})
