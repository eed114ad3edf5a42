import { openDraftAt } from '../core/exports/index.ts'
import type { Draft } from '../core/exports/index.ts'
import { newUuid } from '../lib/ids.ts'
import { CdpError } from '../model/errors.ts'

/**
 * Opens what a command writes: a file that appears under its name once it is whole, or stdout (`-`).
 * @throws CDP_FILE_UNWRITABLE
 */
export async function openTarget(file: string): Promise<Draft> {
  return file === '-' ? STDOUT : openDraftAt(file, `${file}.${newUuid()}.part`)
}

const STDOUT: Draft = {
  write: (bytes) =>
    new Promise((resolve, reject) => {
      process.stdout.write(bytes, (cause) => {
        const detail = `stdout cannot be written: ${String(cause)}.`
        if (cause) reject(new CdpError('CDP_FILE_UNWRITABLE', { cause, detail }))
        else resolve()
      })
    }),
  finish: () => Promise.resolve(),
  discard: () => Promise.resolve(),
}
