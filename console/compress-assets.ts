import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const compress = promisify<Buffer, { level: number }, Buffer>(gzip)

/** Puts a compressed copy beside each text once it is written, so that the server need not compress what never changes. */
export function compressAssets(): Plugin {
  return {
    name: 'compress-assets',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const texts = Object.keys(bundle).filter((name) => /\.(js|css|html|svg)$/.test(name))
      await Promise.all(
        texts.map(async (name) => {
          const path = join(dir, name)
          await writeFile(`${path}.gz`, await compress(await readFile(path), { level: 9 }))
        }),
      )
    },
  }
}
