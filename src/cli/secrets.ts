import { checkSecretKey, reseal, rotateSigningKey } from '../core/access/index.ts'
import type { ServerConfig } from '../config.ts'
import { openInstallation } from '../installation.ts'
import { CdpError } from '../model/errors.ts'
import type { Database } from '../storage/db.ts'
import { adoptNextKey, findSecretKey, prepareNextKey, readSecretKey } from '../secret-key.ts'
import type { CommandLine } from './command-line.ts'
import type { Log } from './log.ts'
import { withDatabase } from './with-database.ts'

/** Adds `tributary secrets`: other keys in the place of those in use. */
export function addSecrets({ program, run }: CommandLine): void {
  const group = program.command('secrets').description('change the keys that sign and seal')
  group
    .command('rotate-signing-key')
    .description('let another key sign tokens; those that are out stay valid')
    .action(() => run(rotateSigning, 'stderr'))
  group
    .command('rotate-secret-key')
    .description('seal everything under another key; the server must be stopped')
    .action(() => run(rotateSecret, 'stderr'))
}

async function rotateSigning(config: ServerConfig, { logger }: Log): Promise<void> {
  const secretKey = await readSecretKey(config)
  await withDatabase(config, logger, async (db) => {
    await checkSecretKey(db, secretKey)
    say(`The key ${await rotateSigningKey(db, secretKey)} signs from now on.`)
  })
}

/**
 * The next key is on disk before anything is sealed under it, and takes the old one's place after the commit: whatever
 * breaks off in between is finished by the same command.
 * @throws CDP_DATA_DIR_IN_USE the server runs; CDP_SECRET_KEY_WRONG neither key opens what is stored
 */
async function rotateSecret(config: ServerConfig, { logger }: Log): Promise<void> {
  const present = await findSecretKey(config)
  if (!present)
    throw new CdpError('CDP_SECRET_KEY_WRONG', { detail: 'There is no key yet, so nothing is sealed.' })
  const installation = await openInstallation(config, 'owner', logger)
  try {
    const next = await prepareNextKey(config)
    const count = (await opens(installation.db, next)) ? 0 : await reseal(installation.db, present, next)
    if (config.secretKey) say(`Set TRIBUTARY_SECRET_KEY=${next.toString('base64')}`)
    await adoptNextKey(config)
    say(`Sealed ${count} secrets under another key.`)
  } finally {
    await installation.close()
  }
}

/** Whether a change that was broken off had been committed. */
async function opens(db: Database, key: Buffer): Promise<boolean> {
  try {
    await checkSecretKey(db, key)
    return true
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_SECRET_KEY_WRONG') return false
    throw error
  }
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
