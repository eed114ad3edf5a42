import { afterEach, beforeEach, expect, test } from 'vitest'
import { readProductVersion } from '../../src/cli/product-version.ts'
import { KEYS, ServerSandbox, get, post, shop, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.empty()
})

afterEach(async () => {
  await sandbox.destroy()
})

const USER = { userId: 'u-1', firstName: 'Ana' }

test('SIGHUP applies a changed file: a key that left it opens nothing, a new one does', async () => {
  const server = await sandbox.serveShop()
  expect((await post(server.address, 'users', USER)).status).toBe(201)
  await sandbox.writeConfig({ workspaces: [shop({ webengage: 'another-key', native: 'tk_another' })] })
  server.child.kill('SIGHUP')
  await waitFor('the new key to open', async () =>
    (await get(server.address, '/api/v1/stats', 'tk_another')).status === 200 ? true : undefined,
  )
  expect((await get(server.address, '/api/v1/stats', KEYS.native)).status).toBe(401)
  expect((await post(server.address, 'users', USER)).status).toBe(401)
  const authorization = 'Bearer another-key'
  expect((await post(server.address, 'users', USER, { authorization })).status).toBe(201)
  const lookup = await get(server.address, '/api/v1/profiles/lookup?kind=userId&value=u-1', 'tk_another')
  expect(lookup.body).toMatchObject({ attributes: { firstName: 'Ana' } })
  // An invalid file changes nothing, and the log says what is wrong with it.
  await sandbox.writeConfig({ workspaces: [{ name: 'Shop', colour: 'red' }] })
  server.child.kill('SIGHUP')
  const failure = await waitFor('the refusal in the log', async () =>
    server.log.find(({ msg }) => msg === 'the configuration was not applied'),
  )
  expect(JSON.stringify(failure)).toContain('workspaces[0].colour')
  expect((await post(server.address, 'users', USER, { authorization })).status).toBe(201)
})

test('an invalid configuration ends with 78 and one line for each error, which names the key', async () => {
  const config = await sandbox.writeConfig({
    server: { bodyBytesMax: 'much' },
    workspaces: [{ ...shop(), timezone: 'Nowhere' }, { apiKeys: [{ scope: 'root', key: 'secret-of-mine' }] }],
  })
  const env = { PORT: 'http', TRIBUTARY_DATADIR: '/tmp' }
  const server = sandbox.launch({ args: ['--config', config], env })
  expect(await server.end()).toEqual({ code: 78, signal: null })
  const keys = [
    'PORT',
    'TRIBUTARY_DATADIR',
    'server.bodyBytesMax',
    'workspaces[0].timezone',
    'workspaces[1].name',
    'workspaces[1].apiKeys[0].scope',
  ]
  const lines = server.stderr.split('\n')
  expect(server.stderr).toContain('CDP_CONFIG_INVALID')
  for (const key of keys) expect(lines.filter((line) => line.includes(`${key}: `))).toHaveLength(1)
  expect(server.stderr).not.toContain('secret-of-mine')
  expect(await sandbox.files.engineProcesses()).toEqual([])
})

test.each([
  ['a configuration file that is not there', ['--config', '/nowhere/tributary.json'], 78, '--config'],
  ['an unknown command', ['swerve'], 64, "unknown command 'swerve'"],
  ['an option without its value', ['--port'], 64, '--port'],
  ['an unknown option', ['--colour', 'red'], 64, '--colour'],
  ['a surplus argument', ['migrate', 'now'], 64, 'migrate'],
])('%s ends the process with a code of its own', async (_, args, code, word) => {
  const server = sandbox.launch({ args })
  expect(await server.end()).toEqual({ code, signal: null })
  expect(server.stderr).toContain(word)
  expect(server.stdout).toBe('')
})

test('--version ends with 0 and prints the version of the release', async () => {
  const server = sandbox.launch({ args: ['--version'] })
  expect(await server.end()).toEqual({ code: 0, signal: null })
  expect(server.stdout).toBe(`${readProductVersion()}\n`)
})

test('--help ends with 0 and names every command and option', async () => {
  const server = sandbox.launch({ args: ['--help'] })
  expect(await server.end()).toEqual({ code: 0, signal: null })
  for (const word of ['serve', 'migrate', '--config', '--data-dir', '--host', '--port'])
    expect(server.stdout).toContain(word)
})

test('a port that is taken ends with 75, names it, and leaves no database process behind', async () => {
  const first = await sandbox.serveShop()
  const { port } = new URL(first.address)
  const other = await ServerSandbox.empty()
  try {
    const second = other.launch({ args: ['--port', port] })
    expect(await second.end()).toEqual({ code: 75, signal: null })
    expect(second.stderr).toContain('CDP_PORT_IN_USE')
    expect(second.stderr).toContain(port)
    expect(await other.files.engineProcesses()).toEqual([])
  } finally {
    await other.destroy()
  }
})

test('a DATABASE_URL that nobody answers at ends with 69 and shows no password', async () => {
  const env = { DATABASE_URL: 'postgres://someone:hunter2secret@127.0.0.1:1/nothing' }
  const server = sandbox.launch({ env })
  expect(await server.end()).toEqual({ code: 69, signal: null })
  expect(server.stderr).toContain('CDP_DATABASE_UNSUITABLE')
  expect(server.stderr).toContain('could not be reached')
  expect(server.stderr + server.stdout).not.toContain('hunter2secret')
})
