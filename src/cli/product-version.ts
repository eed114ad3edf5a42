import { readFileSync } from 'node:fs'

/** The version of this release, from its package.json. */
export function readProductVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
