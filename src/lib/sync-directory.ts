import { open } from 'node:fs/promises'

/** Makes the names in a directory last: after a power cut a renamed file is there only once its directory is on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
