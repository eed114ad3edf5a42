import { readFile } from 'node:fs/promises'
import { array, assert, asyncProperty, boolean, constantFrom, dictionary, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'

/** The example of the documentation: what people copy is what these tests hold. */
const operations = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
const EXAMPLE = JSON.parse(/^```json\n(.*?)^```/ms.exec(operations)?.[1] ?? 'null') as Record<string, unknown>

/** What the operator sees of the refusal; empty when all is right. */
async function refusalOf(text: string, env: Record<string, string>): Promise<string> {
  return readConfig({ config: '/c.json' }, { env, readFile: async () => text }).then(
    () => '',
    (error: unknown) => String(error),
  )
}

const SECRET = 'sEcReT-0123456789'

test('no error shows a secret, whatever is put in place of any value of the file', async () => {
  const places = pathsOf(EXAMPLE)
  const wrong = constantFrom<unknown[]>(
    SECRET,
    [SECRET],
    [[SECRET]],
    { key: SECRET },
    `smtp://user:${SECRET}@`,
    `\0${SECRET}`,
    `env:NO NAME ${SECRET}`,
  )
  const edits = array(tuple(constantFrom(...places), wrong), { minLength: 1, maxLength: 4 })
  await assert(
    asyncProperty(edits, boolean(), async (list, isCut) => {
      const file: unknown = structuredClone(EXAMPLE)
      // A value may stand in two places, one inside the other: each gets a copy of its own.
      for (const [path, value] of list) put(file, path, structuredClone(value))
      const text = JSON.stringify(file, undefined, 1)
      const refusal = await refusalOf(isCut ? text.slice(0, -10) : text, { ADMIN_PASSWORD: SECRET })
      expect(refusal).not.toContain(SECRET)
    }),
    { numRuns: 300 },
  )
})

test('no error shows a secret, whatever stands in the environment', async () => {
  const names = [
    'HOST',
    'PORT',
    'DATABASE_URL',
    'TRUST_PROXY',
    'LOG_LEVEL',
    'TRIBUTARY_X',
    'TRIBUTARY_SECRET_KEY',
  ]
  const value = constantFrom(SECRET, `postgres:/${SECRET}`, `${SECRET} ${SECRET}`, `1,${SECRET}`)
  await assert(
    asyncProperty(dictionary(constantFrom(...names), value), async (env) => {
      expect(await refusalOf('{}', env)).not.toContain(SECRET)
    }),
  )
})

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))
  return path.length === 0 ? below : [path, ...below]
}

function put(file: unknown, path: readonly string[], value: unknown): void {
  let target = file
  for (const key of path.slice(0, -1)) {
    if (typeof target !== 'object' || target === null) return
    target = Reflect.get(target, key)
  }
  if (typeof target === 'object' && target !== null) Reflect.set(target, path.at(-1) ?? '', value)
}
