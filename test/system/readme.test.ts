import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { ServerSandbox } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

const run = promisify(execFile)

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = '']) => text)

const examples = blocks.filter((text) => text.startsWith('curl '))

let sandbox: ServerSandbox
let server: TributaryProcess

beforeAll(async () => {
  sandbox = await ServerSandbox.create()
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

/** What the README tells to take from the output of the first start. */
function placeholders(): Record<string, string> {
  const [, webengage = ''] = /^WebEngage:\n {2}(.*)$/m.exec(server.printed) ?? []
  const [, synerise = ''] = /^Synerise:\n {2}(.*)$/m.exec(server.printed) ?? []
  const [, pyze = ''] = /^Pyze:\n {2}(.*)$/m.exec(server.printed) ?? []
  const [, native = ''] = /^Tributary:\n {2}(.*)$/m.exec(server.printed) ?? []
  const bearer = (line: string): string => /Bearer ([^']+)'/.exec(line)?.[1] ?? ''
  return {
    TRIBUTARY: server.address,
    SYNERISE_KEY: /"apiKey":"([^"]+)"/.exec(synerise)?.[1] ?? '',
    LICENSE_CODE: /\/v1\/accounts\/([^/]+)\//.exec(webengage)?.[1] ?? '',
    WEBENGAGE_KEY: bearer(webengage),
    PYZE_KEY: bearer(pyze),
    PYZE_APP_KEY: /"appKey":"([^"]+)"/.exec(pyze)?.[1] ?? '',
    NATIVE_KEY: bearer(native),
  }
}

test('the command lines of the first start work, in their order, and find the user that they send', async () => {
  const lines = server.printed.split('\n').filter((line) => line.startsWith('  curl '))
  expect(lines).toHaveLength(dialects.length)
  const answers = []
  for (const line of lines) answers.push(await runInShell(line))
  expect(answers[0]).toEqual({ token: expect.any(String) })
  expect(answers[1]).toEqual({ response: { status: 'queued' } })
  expect(answers[2]).toEqual({ status: 'accepted' })
  expect(answers.at(-1)).toMatchObject({
    identifiers: expect.arrayContaining([expect.objectContaining({ kind: 'userId', value: 'u-1' })]),
    attributes: { firstName: 'Ana', email: 'ana@example.com' },
  })
})

test('the README names the placeholders that its examples use, and the first start prints all of them', () => {
  const named = blocks.flatMap((text) => [...text.matchAll(/^export (\w+)=/gm)].map(([, name = '']) => name))
  const used = examples.flatMap((text) => [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))
  expect(new Set(used)).toEqual(new Set(named))
  expect(Object.keys(placeholders()).sort()).toEqual([...new Set(named)].sort())
  expect(Object.values(placeholders())).not.toContain('')
})

test('the README has an example for each dialect that implements something', () => {
  const implemented = dialects.filter(({ operations }) =>
    operations.some(({ status }) => status === 'implemented'),
  )
  for (const { prefixes } of implemented)
    expect(examples.some((text) => prefixes.some((prefix) => text.includes(`$TRIBUTARY${prefix}/`)))).toBe(
      true,
    )
})

test('the examples of the README work in their order, and the profile that is looked up is the one sent', async () => {
  const answers = []
  for (const example of examples) answers.push(await runInShell(example, placeholders()))
  expect(answers).toMatchObject([
    { token: expect.any(String) },
    { response: { status: 'queued' } },
    { response: { status: 'queued' } },
    { status: 'accepted' },
    {
      identifiers: expect.arrayContaining([expect.objectContaining({ kind: 'userId', value: 'johndoe' })]),
      attributes: { firstName: 'John', email: 'john@example.com', Age: 26 },
    },
    { count: 1, value: '59.9' },
  ])
})

test('an example with a wrong credential fails, so that this file would notice', async () => {
  const wrong = { ...placeholders(), NATIVE_KEY: 'tk_wrong' }
  await expect(runInShell(examples.at(-1) ?? '', wrong)).rejects.toMatchObject({ code: 22 })
})
