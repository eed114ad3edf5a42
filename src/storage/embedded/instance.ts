import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { Layout } from './layout.ts'
import type { Address } from './session.ts'

/** What `instance.json` says: enough for another command of the same user to connect. */
export interface Instance extends Address {
  /** The process that holds the lock. */
  ownerPid: number
  postmasterPid: number
}

/** Written whole or not at all, readable for this user only. */
export async function writeInstance(layout: Layout, instance: Instance): Promise<void> {
  const draft = `${layout.instanceFile}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${JSON.stringify(instance, undefined, 2)}\n`, { mode: 0o600 })
  await rename(draft, layout.instanceFile)
}

/** @returns undefined when there is none; it may stem from an owner that was killed */
export async function readInstance(layout: Layout): Promise<Instance | undefined> {
  const text = await readFile(layout.instanceFile, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Instance)
}

/** Removed first when an owner stops, so that nobody new comes in. */
export async function removeInstance(layout: Layout): Promise<void> {
  await rm(layout.instanceFile, { force: true })
}
