// @ts-check
// `node scripts/schema.mjs`: migrates an empty database and prints its schema into src/storage/schema.sql.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runScript } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled, projectRoot } from './setup.mjs'

await runScript(async () => {
  await ensureInstalled()
  await ensureBuilt()
  const root = await mkdtemp(join(tmpdir(), 'tributary-schema-'))
  try {
    await writeFile(join(projectRoot, 'src/storage/schema.sql'), await printSchema(root))
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
})

/**
 * @param {string} dataDir
 * @returns {Promise<string>}
 */
async function printSchema(dataDir) {
  const storage = new URL('../dist/storage/', import.meta.url)
  const { openEmbedded } = await import(new URL('embedded/index.js', storage).href)
  const { openDatabase } = await import(new URL('db.js', storage).href)
  const { migrate } = await import(new URL('migrate.js', storage).href)
  const { dumpSchema } = await import(new URL('schema-dump.js', storage).href)
  const engine = await openEmbedded({ dataDir, role: 'owner' })
  try {
    const db = openDatabase({ connectionString: engine.connectionString, onIdleError: () => undefined })
    try {
      await migrate(db)
      return await dumpSchema(db.general)
    } finally {
      await db.close()
    }
  } finally {
    await engine.stop()
  }
}
