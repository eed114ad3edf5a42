/**
 * `npm run bench`: one run, one machine, load generator included; ratios are worth more than absolutes.
 * `-- --json FILE` also writes the rows; `-- --large` measures a million profiles with five million events instead
 * (`--profiles N` for fewer). Ends with 1 when a floor is missed by more than 10 %.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDatabase } from '../src/storage/db.ts'
import { openEmbedded } from '../src/storage/embedded/index.ts'
import { migrate } from '../src/storage/migrate.ts'
import { benchDialects } from './dialect-load.ts'
import { benchExports } from './export-load.ts'
import { benchLookup, benchMillion, benchSingle } from './http-load.ts'
import { benchImports } from './import-load.ts'
import { benchLarge } from './large/main.ts'
import { benchLists } from './list-load.ts'
import { benchPipeline } from './pipeline-load.ts'
import { reach, row, toTable } from './rows.ts'
import type { Row } from './rows.ts'
import { startServer } from './server-process.ts'

/** Rows of the file whose import is measured. */
const IMPORTED_ROWS = 1_000_000

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    large: { type: 'boolean', default: false },
    profiles: { type: 'string', default: '1000000' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'))
try {
  const rows = values.large
    ? await benchLarge(Number(values.profiles))
    : [...(await benchServer()), ...(await benchCore())]
  const [cpu] = cpus()
  process.stdout.write(
    `${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n\n`,
  )
  process.stdout.write(`${toTable(rows)}\n`)
  if (values.json) writeFileSync(values.json, JSON.stringify(rows, undefined, 2))
  if (rows.some((measured) => (reach(measured) ?? 1) < 0.9)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Cold and warm start, then everything that goes over HTTP, on one server. */
async function benchServer(): Promise<Row[]> {
  const dataDir = join(folder, 'server', 'data')
  mkdirSync(join(folder, 'server'))
  const cold = await startServer(dataDir)
  await cold.stop()
  const warm = await startServer(dataDir)
  const rows = [
    row('cold start to ready', cold.readyMs, 'ms', { most: 5_000 }),
    row('warm start to ready', warm.readyMs, 'ms', {
      most: 2_000,
      baseline: 'cold',
      ratio: warm.readyMs / cold.readyMs,
    }),
    ...(await benchSingle(warm)),
    ...(await benchLookup(warm)),
    ...(await benchDialects(warm)),
    ...(await benchMillion(warm)),
  ]
  await warm.stop()
  // A process of its own: what the others left in memory is not the import's.
  const importing = await startServer(dataDir)
  rows.push(...(await benchImports(importing, IMPORTED_ROWS)))
  await importing.stop()
  const exporting = await startServer(dataDir)
  rows.push(...(await benchExports(exporting, dataDir)))
  await exporting.stop()
  return rows
}

/** The write path alone, on an engine of its own. */
async function benchCore(): Promise<Row[]> {
  const engine = await openEmbedded({ dataDir: join(folder, 'core'), role: 'owner' })
  const db = openDatabase({ connectionString: engine.connectionString, onIdleError: () => undefined })
  await migrate(db)
  const rows = [...(await benchPipeline(db, engine.connectionString)), ...(await benchLists(db))]
  await db.close()
  await engine.stop()
  return rows
}
