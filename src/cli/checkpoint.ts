import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../lib/ids.ts'

/** Remembers how far an import got, so that an interrupted one goes on there. */
export interface Checkpoint {
  /** The last line whose rows are all stored; 0 at the beginning. */
  readonly line: number
  /** Writes down that every row up to this line is stored. */
  reach(line: number): Promise<void>
  /** Forgets the import: it is done. */
  clear(): Promise<void>
}

/** Opens the checkpoint of one import. @param identity what makes it this import: file, size, time, mapping, workspace */
export async function openCheckpoint(dataDir: string, identity: object): Promise<Checkpoint> {
  const folder = join(dataDir, 'imports')
  const path = join(folder, `${sha256(JSON.stringify(identity)).toString('hex').slice(0, 32)}.json`)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return {
    line: lineOf(text),
    reach: async (line) => {
      await mkdir(folder, { recursive: true })
      await writeFile(`${path}.new`, JSON.stringify({ line }))
      await rename(`${path}.new`, path)
    },
    clear: () => rm(path, { force: true }),
  }
}

/** A checkpoint that is damaged is none: rows that are stored already are found again by their ids. */
function lineOf(text: string | undefined): number {
  const line: unknown = /^\{"line":(\d{1,15})\}$/.exec(text ?? '')?.[1]
  return typeof line === 'string' ? Number(line) : 0
}
