import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import type { Starter } from '../../src/dialects/index.ts'
import { runFixture } from '../contract/fixtures.ts'
import { openHarness } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'

// No test of this release: scripts/upgrade-fixtures.mjs puts this file into a checkout of an older commit as a test, where it fills a
// database through the whole application of that commit and backs it up with the command of this one. It uses nothing that has
// changed its form since the first commit.

const run = promisify(execFile)

/** Where the backup goes; the keys that open its workspaces go beside it. */
const { UPGRADE_FIXTURE: target = '', UPGRADE_MAIN: main = '' } = process.env

/** That of every harness which has one. */
const SECRET_KEY = Buffer.alloc(32, 7).toString('base64')

test('the database of this commit is backed up with what its own fixtures have written', async () => {
  const database = await openTestDatabase()
  const starters = captureStarters()
  const harness = await openHarness(database.db)
  let sent = 0
  const failed: string[] = []
  for (const { name } of dialects)
    for (const fixture of await fixturesOf(name)) {
      sent++
      await runFixture(harness, name, fixture as Parameters<typeof runFixture>[2]).catch(() =>
        failed.push(`${name} ${fixture.operation}: ${fixture.name}`),
      )
    }
  await harness.close()
  const dataDir = await mkdtemp(join(tmpdir(), 'upgrade-fixture-'))
  await run(process.execPath, [main, 'backup', target, '--force'], {
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      TRIBUTARY_DATA_DIR: dataDir,
      TRIBUTARY_SECRET_KEY: SECRET_KEY,
    },
  })
  await rm(dataDir, { recursive: true })
  const { webengage, native } = Object.fromEntries(starters)
  const keys = {
    fixtures: sent,
    licenseCode: webengage?.settings['licenseCode'],
    webengage: webengage?.keys[0]?.secret,
    native: native?.keys[0]?.secret,
  }
  await writeFile(target.replace(/zip$/, 'json'), `${JSON.stringify(keys, undefined, 2)}\n`)
  await database.close()
  // A fixture that waits for a clock or a network may fail; the database is none the worse for it.
  expect(failed.length, failed.join('\n')).toBeLessThan(sent / 10)
}, 300_000)

/** What the first workspace of the harness gets, by dialect. */
function captureStarters(): Map<string, Starter> {
  const first = new Map<string, Starter>()
  for (const dialect of dialects) {
    const make = dialect.starter
    Object.assign(dialect, {
      starter: () => {
        const starter = make()
        if (!first.has(dialect.name)) first.set(dialect.name, starter)
        return starter
      },
    })
  }
  return first
}

interface NamedFixture {
  operation: string
  name: string
}

/** They were beside the harness first, and beside the dialects later. */
async function fixturesOf(dialect: string): Promise<readonly NamedFixture[]> {
  const places = ['../../src/dialects/fixtures.ts', '../contract/fixtures.ts']
  for (const place of places) {
    const module = (await import(place).catch(() => ({}))) as {
      fixturesOf?: (name: string) => readonly NamedFixture[]
    }
    if (module.fixturesOf) return module.fixturesOf(dialect)
  }
  throw new Error('this commit has its fixtures elsewhere')
}
