import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readHolder } from '../../lib/socket-lock.js'
import { checkClusterMajor, readClusterMajor } from './cluster.ts'
import { DEFAULT_ENGINE_PACKAGE, locateEngine } from './engine.ts'
import { readLayout } from './layout.ts'
import type { Layout } from './layout.ts'

/** What lies in a data directory, as far as the bundled PostgreSQL goes. */
export interface EmbeddedFacts {
  /** The PostgreSQL that this release brings. */
  bundled: { version: string; major: number }
  /** Major version that made the cluster; undefined when nothing was started here yet. */
  clusterMajor: string | undefined
  /** Whether it is of an older major version and the next start brings it to the bundled one. */
  isCarriedOver: boolean
  /** Versions of which a copy of the programs lies in the directory. */
  engineCopies: readonly string[]
  hasPassword: boolean
  /** The server that owns the directory; undefined when none runs. */
  ownerPid: number | undefined
}

/**
 * Looks at a data directory and changes nothing.
 * @throws CDP_ENGINE_FAILED npm left the bundled PostgreSQL out
 */
export async function inspectEmbedded(dataDir: string): Promise<EmbeddedFacts> {
  const { version, major } = await locateEngine(DEFAULT_ENGINE_PACKAGE)
  const layout = await readLayout(dataDir)
  const holder = await readHolder(layout.lockFile).catch(() => undefined)
  return {
    bundled: { version, major },
    clusterMajor: await readClusterMajor(layout),
    isCarriedOver: await isCarriedOver(layout, major),
    engineCopies: await findCopies(layout.engineDir),
    hasPassword: await exists(layout.passwordFile),
    ownerPid: holder?.['purpose'] === 'owner' ? holder.pid : undefined,
  }
}

async function isCarriedOver(layout: Layout, major: number): Promise<boolean> {
  const found = await readClusterMajor(layout)
  if (found === undefined || found === String(major)) return false
  return checkClusterMajor(layout, major).then(
    () => true,
    () => false,
  )
}

async function findCopies(engineDir: string): Promise<string[]> {
  const names = await readdir(engineDir).catch(() => [])
  const whole = await Promise.all(names.map((name) => exists(join(engineDir, name, 'bin', 'postgres'))))
  return names.filter((_name, index) => whole[index])
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
