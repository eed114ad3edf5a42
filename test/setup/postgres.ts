import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/storage/db.ts'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import type { EmbeddedDatabase } from '../../src/storage/embedded/index.ts'
import { migrate } from '../../src/storage/migrate.ts'

/** Majors of PostgreSQL that tests run on: the bundled one, and the oldest that is supported. */
export type Major = 15 | 18

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the broker that starts a cluster of some major when the first test asks for it. */
    postgresBroker: string
  }
}

/** Name of the migrated database that tests clone. */
export const TEMPLATE = 'migrated'

interface Cluster {
  root: string
  engine: EmbeddedDatabase
}

const clusters = new Map<Major, Promise<Cluster>>()

/**
 * Starts the bundled PostgreSQL once for the whole project, with a migrated template database. PostgreSQL 15 starts
 * when the first test asks for it: test processes ask this one over HTTP.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = createServer((request, response) => void answer(request, response))
  broker.listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const address = broker.address()
  if (address === null || typeof address === 'string') throw new Error('the broker has no port')
  project.provide('postgresBroker', `http://127.0.0.1:${address.port}`)
  await clusterOf(18)
  return async () => {
    broker.close()
    broker.closeAllConnections()
    const started = await Promise.allSettled(clusters.values())
    clusters.clear()
    for (const result of started) if (result.status === 'fulfilled') await stop(result.value)
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { engine } = await clusterOf(request.url === '/15' ? 15 : 18)
    response.end(engine.connectionString)
  } catch (error) {
    response.statusCode = 500
    response.end(String(error))
  }
}

function clusterOf(major: Major): Promise<Cluster> {
  const started = clusters.get(major) ?? start(major)
  clusters.set(major, started)
  return started
}

async function start(major: Major): Promise<Cluster> {
  const root = await mkdtemp(join(tmpdir(), `tributary-test-${major}-`))
  try {
    const engine = await openEmbedded({
      dataDir: root,
      role: 'owner',
      ...(major === 15 && { enginePackage: 'pg15' }),
    })
    await makeTemplate(engine.connectionString).catch(async (error: unknown) => {
      await engine.stop()
      throw error
    })
    return { root, engine }
  } catch (error) {
    await rm(root, { recursive: true, force: true })
    throw error
  }
}

/** Nothing here outlives the cluster, so commits need not wait for the disk: visibility is the same without. */
async function makeTemplate(connectionString: string): Promise<void> {
  const admin = new Client({ connectionString })
  await admin.connect()
  try {
    await admin.query('alter role current_user set synchronous_commit = off')
    const draft = `draft_${randomBytes(4).toString('hex')}`
    await admin.query(`create database ${draft}`)
    await migrateDatabase(databaseUrl(connectionString, draft))
    await admin.query(`alter database ${draft} rename to ${TEMPLATE}`)
  } finally {
    await admin.end()
  }
}

async function migrateDatabase(connectionString: string): Promise<void> {
  const db = openDatabase({ connectionString, onIdleError: () => undefined })
  try {
    await migrate(db)
  } finally {
    await db.close()
  }
}

/** The connection string of another database of the same cluster. */
export function databaseUrl(connectionString: string, name: string): string {
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return url.href
}

async function stop({ root, engine }: Cluster): Promise<void> {
  await engine.stop()
  await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
