import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openExports, readColumns } from '../../src/core/exports/index.ts'
import type { ExportDraft } from '../../src/core/exports/index.ts'
import type { ExportTask } from '../../src/model/export.ts'
import { rowsOf } from '../setup/database.ts'
import { makeWorkspace } from '../setup/ingest.ts'
import { ACTOR, SECRET_KEY, openErasing } from '../setup/erasing.ts'
import type { Erasing } from '../setup/erasing.ts'

let database: Erasing['database']
let exportFolder: Erasing['exportFolder']
let failures: Erasing['failures']
let stored: Erasing['stored']
let erase: Erasing['erase']
let finished: Erasing['finished']
let close: Erasing['close']

beforeAll(async () => {
  ;({ database, exportFolder, failures, stored, erase, finished, close } = await openErasing())
})

afterAll(() => close())

describe('an erasure', () => {
  test("ends the person's codes, and nobody else's that happen to have the same digits in them", async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'codes')
    const code = (subject: string, payload: object): Promise<unknown> =>
      database.admin.query(
        `insert into one_time_code (workspace_id, purpose, subject, form, secret_hash, salt, payload, tries, created_at, expires_at)
         values ($1, 'test', $2, 'pin', $3, '', $4, 0, now(), now() + interval '1 hour')`,
        [workspace.id, subject, Buffer.alloc(32), JSON.stringify(payload)],
      )
    await code('Codes@example.com', {})
    await code('new@example.com', { words: { from: 'codes@example.com' } })
    await code('other@example.com', { accountId: `a${ann}b`, email: `codes@example.com.${ann}.example` })
    const { counts } = await finished(await erase(workspace, ann))
    expect(counts).toMatchObject({ codes: 2 })
    const left = await rowsOf(database, 'select subject from one_time_code where workspace_id = $1', [
      workspace.id,
    ])
    expect(left).toEqual([{ subject: 'other@example.com' }])
  })

  test('takes the files of exports that the person is in, and leaves the others', async () => {
    const workspace = makeWorkspace()
    await database.admin.query(
      `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
       values ($1, $2, $3, $4, 'api', now())`,
      [workspace.id, workspace.guid, workspace.name, JSON.stringify(workspace.settings)],
    )
    const exports = openExports({
      db: database.db,
      folder: exportFolder,
      secretKey: SECRET_KEY,
      onError: (error) => failures.push(error),
    })
    const ask = (content: ExportDraft['content']): Promise<ExportTask> =>
      exports.create(workspace, { format: 'ndjson', isGzip: false, content }, ACTOR)
    const ann = await stored(workspace, 'annabel', 'Bought')
    await stored(workspace, 'bernard', 'Seen')
    const all = await ask({ kind: 'profiles', columns: readColumns('profiles', undefined) })
    const other = await ask({ kind: 'events', columns: readColumns('events', undefined), names: ['Seen'] })
    while (await exports.run());
    const done = await finished(await erase(workspace, ann))
    expect(done.counts).toMatchObject({ exports: 1 })
    await expect(exports.get(all)).rejects.toMatchObject({ code: 'CDP_EXPORT_NOT_FOUND' })
    expect(await exports.get(other)).toMatchObject({ state: 'ready', rows: 1 })
    const files = await readdir(exportFolder)
    expect(files).toHaveLength(1)
    for (const file of files)
      expect(await readFile(join(exportFolder, file), 'utf8')).not.toContain('annabel')
  })
})
