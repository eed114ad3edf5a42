import { chmod, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** Where everything lies below the data directory; all paths absolute and without links. */
export interface Layout {
  dataDir: string
  /** The cluster, PostgreSQL's own directory. */
  pgDir: string
  /** One copy of the binaries per version. */
  engineDir: string
  logFile: string
  /** The superuser's password (0600); outlives `instanceFile`. */
  passwordFile: string
  /** How to reach the running instance (0600); only there while an owner lives or after it was killed. */
  instanceFile: string
  lockFile: string
}

/**
 * Makes the data directory (0700) if it is missing.
 * @param dataDir path of the data directory, relative to the working directory or absolute
 */
export async function prepareLayout(dataDir: string): Promise<Layout> {
  const made = await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (made !== undefined) await chmod(dataDir, 0o700)
  return readLayout(dataDir)
}

/** The layout of a data directory that is there; makes nothing. */
export async function readLayout(dataDir: string): Promise<Layout> {
  const root = await realpath(dataDir)
  return {
    dataDir: root,
    pgDir: join(root, 'pg'),
    engineDir: join(root, 'engine'),
    logFile: join(root, 'postgres.log'),
    passwordFile: join(root, 'postgres.password'),
    instanceFile: join(root, 'instance.json'),
    lockFile: join(root, 'owner.sock'),
  }
}
