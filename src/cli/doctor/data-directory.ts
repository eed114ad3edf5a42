import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** Files that hold a secret: nobody but their owner may read them. */
const PRIVATE_FILES = ['secret.key', 'postgres.password', 'instance.json']

const OTHERS_WRITE = 0o022
const OTHERS_READ = 0o044
const OTHERS_ANYTHING = 0o077

/** What the look at the data directory gave. */
export interface DirectoryCheck {
  findings: Finding[]
  isThere: boolean
}

/** Looks whether the data directory is there, ours, writable, and closed to others. */
export async function checkDataDirectory(dataDir: string): Promise<DirectoryCheck> {
  const found = await stat(dataDir).catch(() => undefined)
  if (!found) {
    const fix = 'Start the server once, which makes it, or set TRIBUTARY_DATA_DIR to where the data is.'
    return { findings: [fault('data directory', `${dataDir} is not there.`, fix)], isThere: false }
  }
  if (!found.isDirectory()) {
    const fix = 'Set TRIBUTARY_DATA_DIR to a directory.'
    return { findings: [fault('data directory', `${dataDir} is no directory.`, fix)], isThere: false }
  }
  const findings = [
    judgeOwner(dataDir, found.uid),
    await judgeAccess(dataDir),
    judgeMode(dataDir, found.mode),
  ]
  const files = await Promise.all(PRIVATE_FILES.map((name) => checkPrivateFile(join(dataDir, name))))
  const wrong = [...findings, ...files].filter((finding) => finding !== undefined)
  const right = ok('data directory', `${dataDir} is there, writable and private.`)
  return { findings: wrong.length > 0 ? wrong : [right], isThere: true }
}

/** What belongs to somebody else cannot be closed to others by us, or read by the one it belongs to. */
function judgeOwner(dataDir: string, uid: number): Finding | undefined {
  const ownUid = process.getuid?.()
  if (ownUid === undefined || ownUid === uid) return undefined
  const fix = `Run Tributary as the user with the number ${uid}, or give it the directory: chown -R ${ownUid} ${dataDir}`
  return fault('data directory', `${dataDir} belongs to user ${uid}, and this runs as user ${ownUid}.`, fix)
}

async function judgeAccess(dataDir: string): Promise<Finding | undefined> {
  return access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => undefined,
    () => fault('data directory', `${dataDir} cannot be written.`, `Allow it: chmod u+rwx ${dataDir}`),
  )
}

/** Passing through (x) is left out: the bundled PostgreSQL needs it where root starts it as another user. */
function judgeMode(dataDir: string, mode: number): Finding | undefined {
  const fix = `Close it: chmod go-rw ${dataDir}`
  if (mode & OTHERS_WRITE) return fault('data directory', `Others may write in ${dataDir}.`, fix)
  if (mode & OTHERS_READ) return warning('data directory', `Others may list ${dataDir}.`, fix)
  return undefined
}

async function checkPrivateFile(path: string): Promise<Finding | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found || (found.mode & OTHERS_ANYTHING) === 0) return undefined
  const mode = (found.mode & 0o777).toString(8)
  return fault('private files', `Others may read ${path} (mode ${mode}).`, `Close it: chmod 600 ${path}`)
}
