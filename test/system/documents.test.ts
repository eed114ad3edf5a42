import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { blocksOf, linesOf, variablesOf } from '../setup/fenced-blocks.ts'
import { query } from './embedded-harness.ts'
import { firstStartOf } from './first-start.ts'
import { ServerSandbox, get } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

const run = promisify(execFile)

const README = ['README.md']

const examples = blocksOf('request', README).map(({ text }) => text)

let sandbox: ServerSandbox
let server: TributaryProcess

beforeAll(async () => {
  sandbox = await ServerSandbox.empty()
  server = await sandbox.serve()
  await mkdir(sandbox.path('bin'))
  const shim = fileURLToPath(new URL('curl.mjs', import.meta.url))
  await writeFile(sandbox.path('bin/curl'), `#!/bin/sh\nexec "${process.execPath}" "${shim}" "$@"\n`, {
    mode: 0o755,
  })
  // Makes curl tell of a refusal by its exit code, without an option that readers would have to type.
  await writeFile(sandbox.path('.curlrc'), 'silent\nshow-error\nfail\n')
})

afterAll(async () => {
  await sandbox.destroy()
})

/** Runs a command line as a reader would; the machine's curl if it has one. */
async function runInShell(script: string, env: Record<string, string> = {}): Promise<unknown> {
  const PATH = `${process.env['PATH']}:${sandbox.path('bin')}`
  const { stdout } = await run('/bin/sh', ['-ec', script], {
    env: { PATH, HOME: sandbox.path('.'), CURL_HOME: sandbox.path('.'), ...env },
  })
  return JSON.parse(stdout)
}

test('the command lines of the first start work, in their order, and find the user that they send', async () => {
  const lines = server.printed.split('\n').filter((line) => line.startsWith('  curl '))
  expect(lines).toHaveLength(dialects.length)
  const answers = []
  for (const line of lines) answers.push(await runInShell(line))
  expect(answers[0]).toEqual({ token: expect.any(String) })
  expect(answers[1]).toEqual({ response: { status: 'queued' } })
  expect(answers[2]).toMatchObject({ success: true, code: 200, model: { total: 1, failed: 0 } })
  expect(answers[3]).toEqual({ status: 'accepted' })
  expect(answers[4]).toEqual({ access_token: expect.any(String), token_type: 'bearer' })
  expect(answers.at(-1)).toMatchObject({
    identifiers: expect.arrayContaining([expect.objectContaining({ kind: 'userId', value: 'u-1' })]),
    attributes: { firstName: 'Ana', email: 'ana@example.com' },
  })
})

test('the README names the placeholders that its examples use, and the first start prints all of them', () => {
  const named = blocksOf('placeholders', README)
    .flatMap(linesOf)
    .map((line) => /^export (\w+)=/.exec(line)?.[1] ?? line)
  expect(blocksOf('placeholders').map(({ document }) => document)).toEqual(README)
  const used = examples.flatMap((text) => [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))
  expect(new Set(used)).toEqual(new Set(named))
  expect(Object.keys(firstStartOf(server)).sort()).toEqual([...new Set(named)].sort())
  expect(Object.values(firstStartOf(server))).not.toContain('')
})

test('the README has an example for each dialect', () => {
  for (const { prefixes } of dialects)
    expect(examples.some((text) => prefixes.some((prefix) => text.includes(`$TRIBUTARY${prefix}/`)))).toBe(
      true,
    )
})

test('the examples of the README work in their order, and the profile that is looked up is the one sent', async () => {
  const answers = []
  for (const example of examples) answers.push(await runInShell(example, firstStartOf(server)))
  expect(answers).toMatchObject([
    { token: expect.any(String) },
    { response: { status: 'queued' } },
    { response: { status: 'queued' } },
    { success: true, model: { total: 1, created: 0, updated: 1 } },
    { status: 'accepted' },
    { access_token: expect.any(String) },
    {
      identifiers: expect.arrayContaining([expect.objectContaining({ kind: 'userId', value: 'johndoe' })]),
      attributes: { firstName: 'John', email: 'john@example.com', Age: 26 },
    },
    { count: 1, value: '59.9' },
  ])
})

test('an example with a wrong credential fails, so that this file would notice', async () => {
  const wrong = { ...firstStartOf(server), NATIVE_KEY: 'tk_wrong' }
  await expect(runInShell(examples.at(-1) ?? '', wrong)).rejects.toMatchObject({ code: 22 })
})

test('what the README says is at every address is there, without a credential', async () => {
  const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const [sentence = ''] = /^Besides, at every address[^]*?\n\n/m.exec(text) ?? []
  const paths = [...sentence.matchAll(/`(\/[^`]*)`/g)].map(([, path = '']) => path)
  const documents = dialects
    .filter(({ name }) => name !== 'native')
    .map(({ name }) => `/openapi/${name}.json`)
  expect(paths).toEqual(expect.arrayContaining(['/livez', '/docs', '/openapi.json', ...documents]))
  for (const path of paths) expect([path, (await get(server.address, path, '')).status]).toEqual([path, 200])
})

const elsewhere = blocksOf('request').filter(({ document }) => !README.includes(document))

test('the calls in the other documents work too', async () => {
  for (const { text } of elsewhere)
    await expect(runInShell(text, firstStartOf(server))).resolves.toBeDefined()
})

test('a database that is made as docs/operations.md says serves the configuration that it shows', async () => {
  const [configurations, databases] = [blocksOf('configuration'), blocksOf('database')]
  expect([configurations.length, databases.length]).toEqual([1, 1])
  const config = configurations[0]
  const database = await makeDatabase(databases[0]?.text ?? '')
  const path = sandbox.path('documented.json')
  await writeFile(path, config?.text ?? '')
  const env = {
    ...variablesOf(config!),
    DATABASE_URL: database,
    TRIBUTARY_DATA_DIR: sandbox.path('documented'),
  }
  const documented = await sandbox.serve({ args: ['--config', path], env })
  const { apiKeys } = (JSON.parse(config?.text ?? '') as Declared).workspaces[0]!
  const native = apiKeys.find(({ scope }) => scope === 'native')
  expect((await get(documented.address, '/api/v1/stats', native?.key)).status).toBe(200)
  expect(await documented.stop()).toEqual({ code: 0, signal: null })
})

interface Declared {
  workspaces: { apiKeys: { scope: string; key: string }[] }[]
}

/**
 * Runs the statements one by one, with a name that is free in the PostgreSQL that is there: its own user and database
 * are called tributary already.
 * @returns the address of the new database, as its new user
 */
async function makeDatabase(sql: string): Promise<string> {
  const name = 'tributary_of_the_docs'
  const { connectionString } = await sandbox.instance()
  for (const statement of sql.split(';').filter((text) => text.trim() !== ''))
    await query(connectionString, statement.replaceAll(/\btributary\b/g, name))
  const password = /PASSWORD '([^']*)'/.exec(sql)?.[1] ?? ''
  const { port } = new URL(connectionString)
  return `postgres://${name}:${password}@127.0.0.1:${port}/${name}`
}

describe('the commands in the documents, in their order, with the files beside them', () => {
  const commands = blocksOf('command').flatMap(linesOf)
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

  beforeAll(async () => {
    for (const { language, text } of blocksOf('file'))
      await writeFile(sandbox.path(language.split(' ')[1]!), text)
  })

  test('are many', () => {
    expect(commands.length).toBeGreaterThan(10)
  })

  test.each(commands)('%s', async (command) => {
    const env = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      TRIBUTARY_DATA_DIR: sandbox.dataDir,
      ANOTHER_KEY: 'another-key',
    }
    const line = command.replace('dist/main.js', main)
    await expect(run('/bin/sh', ['-ec', line], { cwd: sandbox.path('.'), env })).resolves.toBeDefined()
  })

  test('have stored what the file holds', async () => {
    const stored = `select count(*)::int as count, sum((properties ->> 'total')::numeric)::text as total
                      from event where name = 'Bought'`
    expect(await sandbox.query(stored)).toEqual([{ count: 3, total: '100.77' }])
  })
})
