import { afterEach, beforeEach, expect, test } from 'vitest'
import { query, stop } from './embedded-harness.ts'
import type { Driver } from './embedded-harness.ts'
import { ServerSandbox, get, post } from './server-harness.ts'

let sandbox: ServerSandbox

/** Where PostgreSQL 15 listens, as its superuser. */
let superuserUrl: string

let driver: Driver

beforeEach(async () => {
  sandbox = await ServerSandbox.empty()
  const opened = await sandbox.files.open({ enginePackage: 'pg15', dataDir: sandbox.path('pg15') })
  driver = opened.driver
  superuserUrl = opened.opened.connectionString
})

afterEach(async () => {
  await stop(driver)
  await sandbox.destroy()
})

/** The same server, another user and database. */
function urlOf(user: string, password: string, database: string): string {
  const url = new URL(superuserUrl)
  return Object.assign(url, { username: user, password, pathname: `/${database}` }).href
}

test('a PostgreSQL 15 of the operator serves: a user is written, found, and still there after a restart', async () => {
  for (const sql of [
    `create user shop password 'shop'`,
    `create database shop owner shop encoding 'UTF8' template template0`,
  ])
    await query(superuserUrl, sql)
  const env = { DATABASE_URL: urlOf('shop', 'shop', 'shop') }
  let server = await sandbox.serveShop({}, { env })
  expect((await post(server.address, 'users', { userId: 'u-1', firstName: 'Ana' })).status).toBe(201)
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  server = await sandbox.serveShop({}, { env })
  const lookup = await get(server.address, '/api/v1/profiles/lookup?kind=userId&value=u-1')
  expect(lookup).toMatchObject({ status: 200, body: { attributes: { firstName: 'Ana' } } })
  expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  expect(await server.stop()).toEqual({ code: 0, signal: null })
})

test('a database user without CREATE is refused with the grant that is missing', async () => {
  for (const sql of [
    `create user guest password 'guest'`,
    `create database shop encoding 'UTF8' template template0`,
  ])
    await query(superuserUrl, sql)
  const server = sandbox.launch({ env: { DATABASE_URL: urlOf('guest', 'guest', 'shop') } })
  expect(await server.end()).toEqual({ code: 69, signal: null })
  expect(server.stderr).toContain('CDP_DATABASE_UNSUITABLE')
  expect(server.stderr).toContain('GRANT CREATE, USAGE ON SCHEMA public TO guest in database shop')
})

test('a wrong password and a wrong encoding are said as such', async () => {
  await query(
    superuserUrl,
    `create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
  )
  const url = new URL(superuserUrl)
  const wrong = sandbox.launch({ env: { DATABASE_URL: urlOf(url.username, 'wrong', 'postgres') } })
  expect(await wrong.end()).toEqual({ code: 69, signal: null })
  expect(wrong.stderr).toContain('refused the connection')
  const latin = sandbox.launch({ env: { DATABASE_URL: urlOf(url.username, url.password, 'latin') } })
  expect(await latin.end()).toEqual({ code: 69, signal: null })
  expect(latin.stderr).toContain('LATIN1')
})
