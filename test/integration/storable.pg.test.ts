import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'
import type { Json } from '../../src/lib/json.ts'
import { toStorableText } from '../../src/lib/text.ts'
import type { Command } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'

/** Refusals that a caller can be told of; anything else means that a statement failed. */
const REFUSALS = [
  'CDP_NAME_INVALID',
  'CDP_IDENTIFIER_INVALID',
  'CDP_IDENTIFIER_MISSING',
  'CDP_VALUE_TOO_DEEP',
  'CDP_TIME_OUT_OF_RANGE',
]

const anyUnit = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('\0', '\uD800', '\uDFFF', '😀', '"', '\\', '\u001F', '\uFFFE', 'a', '/', '~'),
  },
)
const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.array(anyUnit, { maxLength: 12 }).map((units) => units.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(9_000), '\0'.repeat(300), '😀'.repeat(256), 'é'.repeat(255)),
  },
)
const anyJson = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom<Json>(null, true, false, 1e308, 5e-324, -0, 2 ** 53),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value
const anyRecord = fc
  .array(fc.tuple(anyText, anyJson), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries))

describe.each(MAJORS)('whatever JSON a caller sends, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('never fails a neighbour in the same transaction, nor the server', async () => {
    const workspace = makeWorkspace()
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        anyRecord,
        anyRecord,
        anyText,
        anyText,
        anyText,
        async (values, properties, name, text, pointer) => {
          const n = run++
          const commands: Command[] = [
            makeCommand(userId(`values-${n}`), {
              attributes: values,
              item: values,
              notices: [{ reason: 'field_unknown', pointer }],
            }),
            makeCommand(userId(`event-${n}`), {
              event: { name: name || 'Named', properties },
              item: { [name]: text },
            }),
            makeCommand(id('alias', text, name), { event: { messageId: pointer } }),
            makeCommand([id('email', text), id('deviceId', text), id('phone', name), id('uuid', name)], {
              attributes: { email: text },
            }),
          ]
          const [before, odd, after] = await Promise.all([
            path.write(workspace, makeCommand(userId('neighbour'), { event: { properties: { n } } })),
            path.submit(makeUnit(workspace, commands)),
            path.write(workspace, makeCommand(userId('neighbour'), { attributes: { n } })),
          ])
          expect([before.ok, after.ok]).toEqual([true, true])
          for (const { ok, code } of odd) if (!ok) expect(REFUSALS).toContain(code)
          expect(path.failures).toEqual([])
        },
      ),
      { numRuns: 150 },
    )
  })

  test('is stored as it was sent, but for U+FFFD where PostgreSQL has no such character', async () => {
    const workspace = makeWorkspace()
    let run = 0
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => {
        const name = `run-${run++}`
        const shown = await path.write(
          workspace,
          makeCommand(userId(name), { event: { name, properties: { value } } }),
        )
        fc.pre(shown.ok)
        const [row] = await rowsOf<{ properties: unknown }>(
          database,
          'select properties from event where workspace_id = $1 and name = $2',
          [workspace.id, name],
        )
        expect(row?.properties).toEqual(mended({ value }))
        const reasons = await reasonsOf(workspace, shown.profileId)
        const isMended = JSON.stringify(mended({ value })) !== JSON.stringify({ value })
        expect(reasons).toEqual(isMended ? ['text_replaced'] : [])
      }),
      { numRuns: 100 },
    )
  })

  test('cannot pass for a name when it holds NUL or half a surrogate pair', async () => {
    const workspace = makeWorkspace()
    for (const bad of ['a\0b', 'a\uD800', '\uDC00']) {
      const refusals = await Promise.all([
        path.write(workspace, makeCommand(userId(bad), { event: {} })),
        path.write(workspace, makeCommand(userId('ok'), { attributes: { [bad]: 1 } })),
        path.write(workspace, makeCommand(userId('ok'), { attributes: { nested: { [bad]: 1 } } })),
        path.write(workspace, makeCommand(userId('ok'), { event: { name: bad } })),
        path.write(workspace, makeCommand(userId('ok'), { event: { messageId: bad } })),
      ])
      const [name, value] = ['CDP_NAME_INVALID', 'CDP_IDENTIFIER_INVALID']
      expect(refusals.map(({ code }) => code)).toEqual([value, name, name, name, value])
    }
  })

  test('has room for 255 code points of four bytes in every name, and for no more', async () => {
    const workspace = makeWorkspace()
    const fits = '😀'.repeat(255)
    const typed = { types: { [fits]: 'string' as const } }
    const shown = await Promise.all([
      path.write(workspace, makeCommand(userId(fits), { attributes: { [fits]: fits }, ...typed })),
      path.write(
        workspace,
        makeCommand(userId(fits), {
          event: { name: fits, messageId: fits, properties: { [fits]: 1 } },
          ...typed,
        }),
      ),
      path.write(workspace, makeCommand(id('deviceId', fits), { event: {} })),
    ])
    expect(shown.map(({ ok }) => ok)).toEqual([true, true, true])
    const long = [`${fits}a`, incompressible(9_000)]
    for (const text of long) {
      const refusals = await Promise.all([
        path.write(workspace, makeCommand(userId(text), { event: {} })),
        path.write(workspace, makeCommand(userId('u'), { event: { name: text } })),
        path.write(workspace, makeCommand(userId('u'), { attributes: { [text]: 1 } })),
        path.write(workspace, makeCommand(userId('u'), { event: { messageId: text } })),
      ])
      const [name, value] = ['CDP_NAME_INVALID', 'CDP_IDENTIFIER_INVALID']
      expect(refusals.map(({ code }) => code)).toEqual([value, name, name, value])
    }
  })

  test('is stored to a depth of 20 and refused beyond', async () => {
    const workspace = makeWorkspace()
    const nested = (depth: number): Json => (depth === 0 ? 1 : { a: nested(depth - 1) })
    const write = (depth: number): Promise<Shown> =>
      path.write(workspace, makeCommand(userId('deep'), { attributes: { a: nested(depth - 1) } }))
    expect(await write(20)).toMatchObject({ ok: true })
    expect(await write(21)).toMatchObject({ ok: false, code: 'CDP_VALUE_TOO_DEEP' })
    expect(await write(2_000)).toMatchObject({ ok: false, code: 'CDP_VALUE_TOO_DEEP' })
  })

  test('has times from 1900 to one day ahead', async () => {
    const workspace = makeWorkspace()
    const write = (occurredAt: number): Promise<Shown> =>
      path.write(workspace, makeCommand(userId('u'), { event: { occurredAt } }))
    const [hour, day] = [3_600_000, 86_400_000]
    const good = [Date.UTC(1900, 0, 1), Date.UTC(1989, 11, 31), Date.now() + 23 * hour]
    const bad = [
      Date.UTC(1899, 11, 31),
      Date.now() + 2 * day,
      8.64e15,
      -8.64e15,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]
    for (const at of good) expect(await write(at)).toMatchObject({ ok: true })
    for (const at of bad) expect(await write(at)).toMatchObject({ ok: false, code: 'CDP_TIME_OUT_OF_RANGE' })
    const sent = await path.write(workspace, makeCommand(userId('u'), { event: { sentAt: 8.64e15 } }))
    expect(sent).toMatchObject({ ok: false, code: 'CDP_TIME_OUT_OF_RANGE' })
  })

  test('refuses a unit that is stored whole or not at all for its first command that cannot be', async () => {
    const workspace = makeWorkspace()
    const commands = [
      makeCommand(userId('good'), { event: {} }),
      makeCommand(userId('b\0d'), { event: {}, pointer: '/1' }),
    ]
    await expect(path.submit(makeUnit(workspace, commands, { atomic: 'all' }))).rejects.toMatchObject({
      code: 'CDP_IDENTIFIER_INVALID',
      pointer: '/1',
    })
    expect(await rowsOf(database, 'select 1 from profile where workspace_id = $1', [workspace.id])).toEqual(
      [],
    )
  })

  async function reasonsOf(workspace: Workspace, profileId: number | undefined): Promise<string[]> {
    const rows = await rowsOf<{ reason: string }>(
      database,
      'select reason from rejection where workspace_id = $1 and profile_id = $2',
      [workspace.id, profileId],
    )
    return rows.map(({ reason }) => reason)
  }
})

/** What storage makes of a value: mended texts, and numbers as JSON prints them. */
function mended(value: unknown): unknown {
  const mend = (_name: string, part: unknown): unknown =>
    typeof part === 'string' ? toStorableText(part) : part
  return JSON.parse(JSON.stringify(value, mend)) as unknown
}

function incompressible(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    return String.fromCharCode(33 + (state % 90))
  }).join('')
}
