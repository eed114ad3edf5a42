/** The key of the installation under which secrets are sealed that must be read back. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSecretKey } from './config.ts'
import { newUuid } from './lib/ids.ts'
import { CdpError } from './model/errors.ts'

/**
 * The key of the environment, or the one in `<data>/secret.key`, which is made at first need. Backups of the database
 * are worth less without it.
 * @returns 32 bytes
 * @throws CDP_SECRET_KEY_WRONG the file holds something else
 */
export async function readSecretKey(config: KeySource): Promise<Buffer> {
  return (await findSecretKey(config)) ?? (await makeKeyFile(config.dataDir, secretKeyFile(config)))
}

/** Where the key may come from. */
export interface KeySource {
  /** The key of the environment. */
  secretKey: Buffer | undefined
  dataDir: string
}

/** As {@link readSecretKey}, but makes none. @throws CDP_SECRET_KEY_WRONG */
export async function findSecretKey(config: KeySource): Promise<Buffer | undefined> {
  return config.secretKey ?? (await readKeyFile(secretKeyFile(config)))
}

/** The file of the key. */
export function secretKeyFile({ dataDir }: KeySource): string {
  return join(dataDir, 'secret.key')
}

async function readKeyFile(path: string): Promise<Buffer | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined
    throw new CdpError('CDP_SECRET_KEY_WRONG', { detail: `${path} cannot be read.`, cause: error })
  })
  if (text === undefined) return undefined
  const key = parseSecretKey(text.trim())
  if (key) return key
  throw new CdpError('CDP_SECRET_KEY_WRONG', { detail: `${path} does not hold a key of 32 bytes in base64.` })
}

/** Several processes may start at once: the file appears whole, and the first one wins. */
async function makeKeyFile(folder: string, path: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `.secret.key.${newUuid()}`)
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
  const key = await readKeyFile(path)
  if (!key)
    throw new CdpError('CDP_SECRET_KEY_WRONG', { detail: `${path} was removed while the server started.` })
  return key
}

/** Where the next key waits while everything is sealed anew. */
function nextKeyFile(source: KeySource): string {
  return `${secretKeyFile(source)}.next`
}

/**
 * The key that everything is to be sealed under from now on, on disk before anything is: one that a broken-off change has
 * left is taken again.
 */
export async function prepareNextKey(source: KeySource): Promise<Buffer> {
  return makeKeyFile(source.dataDir, nextKeyFile(source))
}

/** Makes the next key the key. */
export async function adoptNextKey(source: KeySource): Promise<void> {
  await rename(nextKeyFile(source), secretKeyFile(source))
}
