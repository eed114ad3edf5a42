import type { Logger } from 'pino'
import type { Flags, ServerConfig } from '../../config.ts'
import { openForInspection } from '../../installation.ts'
import { checkConfiguration } from './configuration.ts'
import { checkDataDirectory } from './data-directory.ts'
import { checkDatabase } from './database.ts'
import { checkEngine } from './engine.ts'
import { fault, reasonOf } from './finding.ts'
import type { Finding } from './finding.ts'
import { checkMachine } from './machine.ts'
import { checkPort } from './port.ts'

/**
 * Looks at an installation from the outside in, and changes nothing: it makes no data directory and no database, and
 * migrates none. What cannot be looked at because of a fault is left out.
 */
export async function examine(flags: Flags, logger: Logger): Promise<Finding[]> {
  const { findings, config } = await checkConfiguration(flags)
  if (!config) return findings
  findings.push(...(await checkMachine(config.dataDir)))
  const { findings: directory, isThere } = await checkDataDirectory(config.dataDir)
  const isBundled = config.databaseUrl === undefined
  // With a database of one's own the directory holds nothing but the secret key, if that.
  if (isBundled || isThere) findings.push(...directory)
  const engine = isBundled && isThere ? await checkEngine(config.dataDir) : undefined
  findings.push(...(engine?.findings ?? []))
  const port = await checkPort(config, isBundled && engine?.ownerPid === undefined)
  findings.push(...port.findings)
  // In a directory that is not ours PostgreSQL would not start: one line says enough.
  const isOurs = directory.every(({ check, level }) => check !== 'data directory' || level !== 'fault')
  const canOpen = !isBundled || (engine?.canOpen === true && isOurs)
  const isServing = isBundled ? engine?.ownerPid !== undefined : port.isServing
  if (canOpen) findings.push(...(await lookInside(config, logger, isServing)))
  return findings
}

async function lookInside(config: ServerConfig, logger: Logger, isServing: boolean): Promise<Finding[]> {
  try {
    const { db, close } = await openForInspection(config, logger)
    try {
      return await checkDatabase(db, config, isServing)
    } finally {
      await close()
    }
  } catch (error) {
    const fix = config.databaseUrl
      ? 'Start it, and see that DATABASE_URL has its address, user and password.'
      : 'Look into postgres.log in the data directory, and see that no other PostgreSQL runs on it.'
    return [fault('database', reasonOf(error), fix)]
  }
}
