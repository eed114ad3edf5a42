import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hashBuildInputs, isBuilt } from './compiled-sources.mjs'
import { findInstallDifferences, readInstallDifferences } from './installed-packages.mjs'
import { runCommand, type CommandResult } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { checkNodeVersion, ensureBuilt, projectRoot } from './setup.mjs'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

describe('an installation', () => {
  const fastify = { version: '5.0.0', integrity: 'sha512-a' }

  test('that holds what the lock file names is current', () => {
    const wanted = { '': { version: '0.1.0' }, 'node_modules/fastify': fastify }
    expect(findInstallDifferences(wanted, { 'node_modules/fastify': { ...fastify } })).toEqual([])
  })

  test('without an optional package of another platform is current', () => {
    const wanted = {
      'node_modules/fastify': fastify,
      'node_modules/darwin': { version: '1.0.0', optional: true },
    }
    expect(findInstallDifferences(wanted, { 'node_modules/fastify': fastify })).toEqual([])
  })

  test('with an optional package that an incomplete lock file lacks is current', () => {
    const installed = {
      'node_modules/fastify': fastify,
      'node_modules/darwin': { version: '1.0.0', optional: true },
    }
    expect(findInstallDifferences({ 'node_modules/fastify': fastify }, installed)).toEqual([])
  })

  test('without a required package is stale', () => {
    expect(findInstallDifferences({ 'node_modules/fastify': fastify }, {})).toEqual([
      'node_modules/fastify is not installed',
    ])
  })

  test('with another version is stale, also of an optional package', () => {
    const wanted = { 'node_modules/fastify': { ...fastify, optional: true } }
    expect(
      findInstallDifferences(wanted, { 'node_modules/fastify': { ...fastify, version: '4.9.0' } }),
    ).toEqual(['node_modules/fastify is 4.9.0, package-lock.json says 5.0.0'])
  })

  test('with the same version and other contents is stale', () => {
    const installed = { 'node_modules/fastify': { ...fastify, integrity: 'sha512-b' } }
    expect(findInstallDifferences({ 'node_modules/fastify': fastify }, installed)).toHaveLength(1)
  })

  test('with a package that the lock file no longer names is stale', () => {
    expect(findInstallDifferences({}, { 'node_modules/fastify': fastify })).toHaveLength(1)
  })

  test('without a readable record of npm is stale', () => {
    write('package-lock.json', JSON.stringify({ packages: { 'node_modules/fastify': fastify } }))
    expect(readInstallDifferences(root)).toEqual(['nothing is installed'])
    write('node_modules/.package-lock.json', '{"packages": {"node_modu')
    expect(readInstallDifferences(root)).toEqual(['nothing is installed'])
  })
})

describe('ensureInstalled', () => {
  beforeEach(() => {
    // A package in a folder needs neither a registry nor a cache.
    const manifest = {
      name: 'tried',
      version: '1.0.0',
      engines: { node: '>=20' },
      dependencies: { near: 'file:near' },
    }
    write('package.json', JSON.stringify(manifest))
    write('near/package.json', JSON.stringify({ name: 'near', version: '1.0.0' }))
    writeLock({ near: { version: '1.0.0' }, 'node_modules/near': { resolved: 'near', link: true } })
  })

  function writeLock(entries: object): void {
    const packages = {
      '': { name: 'tried', version: '1.0.0', dependencies: { near: 'file:near' } },
      ...entries,
    }
    write(
      'package-lock.json',
      JSON.stringify({ name: 'tried', lockfileVersion: 3, requires: true, packages }),
    )
  }

  /** In a process of its own, since npm writes to the terminal directly. */
  async function ensureInstalledElsewhere(): Promise<CommandResult> {
    const url = (name: string) => pathToFileURL(join(projectRoot, 'scripts', name)).href
    const script = `
      const { ensureInstalled } = await import('${url('setup.mjs')}')
      const { runScript } = await import('${url('setup-error.mjs')}')
      await runScript(() => ensureInstalled(process.argv[1]))`
    const args = ['--input-type=module', '--eval', script, root]
    return runCommand(process.execPath, args, { cwd: root, output: 'capture' })
  }

  test('installs what is missing and leaves package-lock.json as it is, byte for byte', async () => {
    const before = read('package-lock.json')
    await ensureInstalledElsewhere()
    expect(read('node_modules/near/package.json')).toContain('"near"')
    expect(read('package-lock.json')).toBe(before)
    expect(readInstallDifferences(root)).toEqual([])
  })

  test('installs anew what a killed installation left half done', async () => {
    await ensureInstalledElsewhere()
    write('.cache/install-unfinished', '')
    write('node_modules/half/unpacked.js', '')
    await ensureInstalledElsewhere()
    expect(read('node_modules/near/package.json')).toContain('"near"')
    expect(() => read('node_modules/half/unpacked.js')).toThrow('ENOENT')
  })

  test('says what failed and hands on the exit code of npm', async () => {
    write(
      'package.json',
      JSON.stringify({ ...JSON.parse(read('package.json')), dependencies: { far: 'file:far.tgz' } }),
    )
    const { exitCode, output } = await ensureInstalledElsewhere()
    expect(output).toMatch(
      /npm could not install the packages \(exit code 254,.* run the same command again\.\n$/s,
    )
    expect(exitCode).toBe(254)
  })

  test('says so when package.json and package-lock.json disagree', async () => {
    write('package.json', JSON.stringify({ ...JSON.parse(read('package.json')), dependencies: {} }))
    const { exitCode, output } = await ensureInstalledElsewhere()
    expect(output).toMatch(/npm install.* package-lock\.json up to date/)
    expect(exitCode).toBe(1)
  })

  test('of several processes one installs, the others wait for it', async () => {
    const run = ensureInstalledElsewhere
    const results = await Promise.all([run(), run(), run()])
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(results.filter(({ output }) => output.includes('Installing'))).toHaveLength(1)
  })
})

describe('a build', () => {
  beforeEach(() => {
    // "Building dist …" is for the terminal of a person.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
      cpSync(join(projectRoot, name), join(root, name))
    }
    symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
    write('src/main.ts', 'export const answer: number = 42\n')
    write('src/storage/migrations/0001_start.sql', 'select 1;\n')
  })

  test('is current after ensureBuilt and holds code and migrations, but no tests', async () => {
    write('src/main.test.ts', 'export const untested = true\n')
    expect(isBuilt(root)).toBe(false)
    await ensureBuilt(root)
    expect(isBuilt(root)).toBe(true)
    expect(read('dist/main.js')).toContain('answer = 42')
    expect(read('dist/main.js.map')).toContain('../src/main.ts')
    expect(read('dist/storage/migrations/0001_start.sql')).toBe('select 1;\n')
    expect(() => read('dist/main.test.js')).toThrow('ENOENT')
  })

  test('is stale after a change of content, and what a removed source left is gone after the next', async () => {
    write('src/other.ts', 'export const other = 1\n')
    await ensureBuilt(root)
    rmSync(join(root, 'src/other.ts'))
    write('src/main.ts', 'export const answer: number = 43\n')
    expect(isBuilt(root)).toBe(false)
    await ensureBuilt(root)
    expect(read('dist/main.js')).toContain('answer = 43')
    expect(() => read('dist/other.js')).toThrow('ENOENT')
  })

  test('is stale after a change of a migration, of the settings and of the compiler', () => {
    const hashes = [hashBuildInputs(root)]
    write('src/storage/migrations/0001_start.sql', 'select 2;\n')
    hashes.push(hashBuildInputs(root))
    write('tsconfig.build.json', read('tsconfig.build.json').replace('es2023', 'es2022').concat('\n'))
    hashes.push(hashBuildInputs(root))
    write('package-lock.json', '{"packages":{"node_modules/@typescript/native":{"version":"7.0.3"}}}')
    hashes.push(hashBuildInputs(root))
    expect(new Set(hashes).size).toBe(4)
  })

  test('is not stale when only a time or a test changed', async () => {
    await ensureBuilt(root)
    utimesSync(join(root, 'src/main.ts'), new Date(), new Date(Date.now() + 60_000))
    write('src/main.test.ts', 'export const untested = true\n')
    expect(isBuilt(root)).toBe(true)
  })

  test('that fails names the error and leaves the last good one in place', async () => {
    await ensureBuilt(root)
    write('src/main.ts', "export const answer: number = 'many'\n")
    await expect(ensureBuilt(root)).rejects.toThrow(/main\.ts.*not assignable/s)
    expect(read('dist/main.js')).toContain('answer = 42')
  })

  test('is made once when several ask for it', async () => {
    await Promise.all([ensureBuilt(root), ensureBuilt(root), ensureBuilt(root)])
    expect(isBuilt(root)).toBe(true)
  })
})

describe('the Node version', () => {
  test('that package.json names or a newer one is accepted', () => {
    for (const version of ['20.20.2', '20.100.0', '24.1.0']) {
      expect(() => checkNodeVersion(projectRoot, version)).not.toThrow()
    }
  })

  test('that is older is refused with a sentence', () => {
    for (const version of ['20.20.1', '20.9.0', '18.20.8', '8.17.0']) {
      expect(() => checkNodeVersion(projectRoot, version)).toThrow(SetupError)
      expect(() => checkNodeVersion(projectRoot, version)).toThrow(/or newer is needed, this is Node/)
    }
  })
})
