import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { now, useClock } from '../../src/lib/time.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness, Reply } from '../contract/harness.ts'
import { newPerson, openPeople, tokenFrom } from '../setup/accounts.ts'
import type { People, Person } from '../setup/accounts.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people: People
let restoreClock: () => void = () => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  people = openPeople(harness)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

beforeEach(() => harness.setSettings({ accountConfirmation: 'email-activation' }))

afterEach(() => restoreClock())

const FORM = 'application/x-www-form-urlencoded'

const NEW_PASSWORD = 'Other2!!'

const OWN_ORIGIN = 'http://localhost:80'

const open = (link: URL): Promise<Reply> => harness.raw('GET', link.pathname + link.search)

const post = (path: string, fields: Record<string, string>, headers = {}): Promise<Reply> =>
  harness.raw('POST', path, {
    headers: { 'content-type': FORM, ...headers },
    payload: new URLSearchParams(fields).toString(),
  })

/** What a browser sends when the button of a page is pressed. */
const press = async (link: URL, fields: Record<string, string> = {}, headers = {}): Promise<Reply> => {
  const { status, text } = await open(link)
  expect(status, text).toBe(200)
  const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(text) ?? []
  const [, token = ''] = /name="token" value="([^"]+)"/.exec(text) ?? []
  return post(new URL(action, link).pathname, { token, ...fields }, headers)
}

const twice = (password: string): Record<string, string> => ({ password, repeated: password })

/** Somebody who was mailed a link of each kind. */
const MAILED: Record<string, () => Promise<{ person: Person; link: URL }>> = {
  activation: async () => {
    const person = newPerson()
    await people.register(person)
    return { person, link: await people.linkTo(person.email) }
  },
  'email-confirmation': async () => {
    await harness.setSettings({ accountConfirmation: 'email-confirmation' })
    const person = newPerson()
    await people.register(person)
    return { person, link: await people.linkTo(person.email) }
  },
  'password-reset': async () => {
    await harness.setSettings({ accountConfirmation: 'automatic' })
    const person = newPerson()
    await people.register(person)
    await people.call('request-password-reset', { email: person.email })
    return { person, link: await people.linkTo(person.email) }
  },
  'email-change': async () => {
    await harness.setSettings({ accountConfirmation: 'automatic' })
    const person = newPerson()
    await people.register(person)
    const token = tokenFrom(await people.logIn(person))
    const { email } = newPerson()
    await people.call('request-email-change', { email, uuid: person.uuid, password: 'Secret1!' }, token)
    return { person: { ...person, email }, link: await people.linkTo(email) }
  },
}

const PURPOSES = Object.keys(MAILED)

const mailed = (purpose: string): Promise<{ person: Person; link: URL }> => {
  const make = MAILED[purpose]
  if (!make) throw new Error(`nobody mails a link of ${purpose}`)
  return make()
}

const fieldsFor = (purpose: string): Record<string, string> =>
  purpose === 'password-reset' ? twice(NEW_PASSWORD) : {}

const passwordAfter = (purpose: string): string => (purpose === 'password-reset' ? NEW_PASSWORD : 'Secret1!')

describe.each(PURPOSES)('the page of %s', (purpose) => {
  it('is where the mail leads, and its button does what the mail says', async () => {
    const { person, link } = await mailed(purpose)
    expect(link.origin + link.pathname).toBe(`http://127.0.0.1:4100/account/${purpose}`)
    const done = await press(link, fieldsFor(purpose))
    expect([done.status, done.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(done.text).toContain('role="status"')
    const own = await people.ownData(tokenFrom(await people.logIn(person, passwordAfter(purpose))))
    expect(own).toMatchObject({ email: person.email })
  })

  it('uses nothing up when it is opened, however often', async () => {
    const { link } = await mailed(purpose)
    for (let opened = 0; opened < 3; opened++) expect((await open(link)).status).toBe(200)
    expect((await harness.raw('HEAD', link.pathname + link.search)).status).toBe(200)
    expect((await press(link, fieldsFor(purpose))).status).toBe(200)
  })

  it('says what to do when the link was used, has expired or is not known', async () => {
    const { link } = await mailed(purpose)
    expect((await press(link, fieldsFor(purpose))).status).toBe(200)
    const token = link.searchParams.get('token') ?? ''
    const used = await open(link)
    expect([used.status, (await post(link.pathname, { token, ...fieldsFor(purpose) })).status]).toEqual([
      404, 404,
    ])
    expect(used.text).toContain('<h1>This link does not work</h1>')
    const { link: late } = await mailed(purpose)
    const at = now() + 25 * 3_600_000
    restoreClock = useClock(() => at)
    const expired = await open(late)
    expect(expired.status).toBe(410)
    expect(expired.text).toContain('<h1>This link has expired</h1>')
    restoreClock()
    for (const path of [link.pathname, `${link.pathname}?token=`, `${link.pathname}?token=a&token=b`])
      expect((await harness.raw('GET', path)).status).toBe(404)
  })

  it('opens by no link of another purpose', async () => {
    const { link } = await mailed(purpose)
    for (const other of PURPOSES.filter((name) => name !== purpose)) {
      const token = link.searchParams.get('token') ?? ''
      expect((await harness.raw('GET', `/account/${other}?token=${token}`)).status).toBe(404)
      expect((await post(`/account/${other}`, { token, ...twice(NEW_PASSWORD) })).status).toBe(404)
    }
    expect((await open(link)).status).toBe(200)
  })

  it('needs no script, asks nobody else and is not kept', async () => {
    const { link } = await mailed(purpose)
    const pages = [
      await open(link),
      await press(link, fieldsFor(purpose)),
      await open(link),
      await harness.raw('GET', '/account/nothing'),
    ]
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 404, 404])
    for (const { headers, text } of pages) {
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      expect(text).toContain('<html lang="en">')
      expect(text).not.toMatch(/<script|style=|https?:\/\/|\son\w+=/)
      expect([...text.matchAll(/<h1>/g)]).toHaveLength(1)
    }
  })
})

describe('the form of a new password', () => {
  it('refuses a weak one and two that differ, shows the rule, and the link stays good', async () => {
    const { person, link } = await mailed('password-reset')
    const shown = await open(link)
    expect(shown.text).toContain('Password must have at least 6 characters and must contain')
    const weak = await press(link, twice('abcdef'))
    expect(weak.status).toBe(400)
    expect(weak.text).toContain('role="alert">This password does not meet the rules below.')
    const unlike = await press(link, { password: NEW_PASSWORD, repeated: 'Other3!!' })
    expect(unlike.status).toBe(400)
    expect(unlike.text).not.toContain(NEW_PASSWORD)
    expect((await press(link, twice(NEW_PASSWORD))).status).toBe(200)
    expect((await people.logIn(person)).status).toBe(401)
    expect((await people.logIn(person, NEW_PASSWORD)).status).toBe(200)
  })

  it('has a label for every field that people fill in', async () => {
    const { link } = await mailed('password-reset')
    const { text } = await open(link)
    const fields = [...text.matchAll(/<input\s[^>]*?id="(\w+)"/g)].map(([, id]) => id)
    expect(fields).toEqual(['password', 'repeated'])
    for (const id of fields) expect(text).toContain(`<label for="${id}">`)
  })
})

describe('what the pages take', () => {
  it('is forms of this server, and small ones', async () => {
    const { link } = await mailed('activation')
    const token = link.searchParams.get('token') ?? ''
    const json = { headers: { 'content-type': 'application/json' }, payload: JSON.stringify({ token }) }
    expect((await harness.raw('POST', link.pathname, json)).status).toBe(415)
    expect((await post(link.pathname, { token, more: 'x'.repeat(9_000) })).status).toBe(413)
    expect((await harness.raw('POST', link.pathname)).status).toBe(404)
    expect((await harness.raw('PUT', link.pathname)).status).toBe(405)
    expect((await open(link)).status).toBe(200)
  })

  it('comes from their own origin, or from a browser that keeps the origin back', async () => {
    const { link } = await mailed('activation')
    const foreign = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of foreign) expect((await press(link, {}, headers)).status).toBe(403)
    const unknown = { token: 'unknown' }
    for (const origin of [OWN_ORIGIN, 'http://127.0.0.1:4100', 'null'])
      expect([origin, (await post(link.pathname, unknown, { origin })).status]).toEqual([origin, 404])
    expect((await press(link, {}, { origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('is a form nowhere else', async () => {
    const { headers } = harness.credentialOf('native')
    const reply = await harness.raw('POST', '/api/v1/profiles', {
      headers: { ...headers, 'content-type': FORM },
      payload: 'token=1',
    })
    expect(reply.status).toBe(415)
  })
})

describe('what data can do to a page', () => {
  it('is nothing: names and addresses are text', async () => {
    const name = `<img src=x onerror="alert(1)">'&`
    const { link } = await mailed('activation')
    const rename = (from: string, to: string): Promise<unknown> =>
      database.db.general.query('update workspace set name = $2 where name = $1', [from, to])
    await rename('First', name)
    const { status, text } = await open(link)
    await rename(name, 'First')
    expect(status).toBe(200)
    expect(text).not.toContain('<img')
    expect(text).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#39;&#38;')
    const wild = await harness.raw('GET', `/account/activation?token=${encodeURIComponent('"><script>')}`)
    expect(wild.text).not.toContain('script')
  })
})

describe('the traces of a page', () => {
  it('are those of the dialect that made the account, without the token', async () => {
    const { person, link } = await mailed('activation')
    expect((await press(link)).status).toBe(200)
    const own = await people.ownData(tokenFrom(await people.logIn(person)))
    expect(own).toMatchObject({ attributes: { snrs_email_confirmed: true } })
    const token = link.searchParams.get('token') ?? ''
    await post(link.pathname, { token })
    const changes = await rowsOf<{ row: string }>(
      database,
      `select profile_change::text as row from profile_change union all select rejection::text from rejection`,
      [],
    )
    expect(changes.filter(({ row }) => row.includes('mailed-link')).length).toBeGreaterThan(0)
    expect(changes.filter(({ row }) => row.includes(token))).toEqual([])
  })

  it('are none where the workspace is archived', async () => {
    const { link } = await mailed('activation')
    const archive = (at: string | null): Promise<unknown> =>
      database.db.general.query(`update workspace set archived_at = $1 where name = 'First'`, [at])
    await archive(new Date().toISOString())
    const replies = [
      await open(link),
      await post(link.pathname, { token: link.searchParams.get('token') ?? '' }),
    ]
    await archive(null)
    expect(replies.map(({ status }) => status)).toEqual([404, 404])
    expect((await press(link)).status).toBe(200)
  })
})

it('the stylesheet is there, for both schemes', async () => {
  const { link } = await mailed('activation')
  const [, href = ''] = /rel="stylesheet" href="([^"]+)"/.exec((await open(link)).text) ?? []
  const { status, headers, text } = await harness.raw('GET', new URL(href, link).pathname)
  expect([status, headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
  expect(text).toContain('prefers-color-scheme: dark')
  expect(text).not.toMatch(/url\(|@import/)
})

describe('an invitation', () => {
  const invite = async (email: string): Promise<URL> => {
    const body = { email, role: 'member', workspaces: ['@guid'] }
    const { status, text } = await harness.call('native', 'create-invitation', { body })
    expect(status, text).toBe(201)
    expect((await people.messageTo(email)).template).toBe('user-invitation')
    return people.linkTo(email)
  }

  const PASSWORD = 'a sentence that nobody guesses'

  it('is mailed with a link, whose page says where to and makes the user', async () => {
    const { email } = newPerson()
    const link = await invite(email)
    const shown = await open(link)
    expect([shown.status, shown.text.includes(email), shown.text.includes('First')]).toEqual([
      200,
      true,
      true,
    ])
    expect((await press(link, { password: PASSWORD, repeated: 'another' })).status).toBe(400)
    const weak = await press(link, twice('short'))
    expect([weak.status, weak.text.includes('does not meet the rules')]).toEqual([400, true])
    expect((await press(link, twice(PASSWORD))).status).toBe(200)
    const login = await harness.call('native', 'log-in', { body: { email, password: PASSWORD } })
    expect(login.status, login.text).toBe(200)
    expect((await open(link)).status).toBe(404)
  })

  it('that was taken back opens no page', async () => {
    const { email } = newPerson()
    const link = await invite(email)
    const list = await harness.call('native', 'list-invitations', {})
    const found = (list.body as { items: { id: string; email: string }[] }).items.find(
      (item) => item.email === email,
    )
    const params = { invitationId: found?.id ?? '' }
    expect((await harness.call('native', 'revoke-invitation', { params })).status).toBe(204)
    expect((await open(link)).status).toBe(404)
  })
})
