import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openPrivacy } from '../../src/core/privacy/index.ts'
import type { ErasureRow, Privacy } from '../../src/core/privacy/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { id, makeCommand, openWritePath, userId } from './ingest.ts'
import type { WritePath } from './ingest.ts'
import { eventually } from './eventually.ts'

/** The installation's key in tests of erasures. */
export const SECRET_KEY = Buffer.alloc(32, 7)

/** Who asks for them. */
export const ACTOR = { kind: 'key', label: 'native:test' } as const

/** Privacy over a database and a folder of exports of its own. */
export interface Erasing {
  database: TestDatabase
  path: WritePath
  privacy: Privacy
  exportFolder: string
  /** Tries that failed, in order. */
  failures: unknown[]
  /** Stores somebody with a userId and an e-mail, and an event of this name; gives the profile's id. */
  stored(workspace: Workspace, name: string, event?: string): Promise<number>
  erase(workspace: Workspace, profileId: number, tombstone?: boolean): Promise<ErasureRow>
  /** Works until the receipt says that everything is done. */
  finished(erasure: ErasureRow): Promise<ErasureRow>
  close(): Promise<void>
}

/** Opens privacy; close it at the end. */
export async function openErasing(): Promise<Erasing> {
  const database = await openTestDatabase()
  const path = await openWritePath(database.db, { secretKey: SECRET_KEY })
  const exportFolder = await mkdtemp(join(tmpdir(), 'tributary-exports-'))
  const failures: unknown[] = []
  const onError = (error: unknown): void => void failures.push(error)
  const privacy = openPrivacy({ db: database.db, secretKey: SECRET_KEY, exportFolder, onError })
  return {
    database,
    path,
    privacy,
    exportFolder,
    failures,
    stored: async (workspace, name, event) => {
      const command = makeCommand([userId(name), id('email', `${name}@example.com`)], {
        attributes: { email: `${name}@example.com` },
        ...(event !== undefined && { event: { name: event } }),
      })
      const { profileId } = await path.write(workspace, command)
      if (profileId === undefined) throw new Error('not stored')
      return profileId
    },
    erase: (workspace, profileId, tombstone = false) =>
      privacy.erase({ workspace, profileId, tombstone, actor: ACTOR }),
    finished: ({ workspaceId, erasureId }) =>
      eventually(async () => {
        await privacy.run()
        const row = await privacy.get({ workspaceId, erasureId })
        expect(row.state).toBe('done')
        return row
      }),
    close: async () => {
      await path.close()
      await database.close()
      await rm(exportFolder, { recursive: true })
    },
  }
}
