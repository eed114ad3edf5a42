// @ts-check
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readLockEntries } from './installed-packages.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** Beside dist, not in .cache: the source maps hold paths relative to their own folder, and must survive the rename. */
const freshName = '.dist-new'
const retiredName = '.dist-old'
const recordName = '.build.json'

/**
 * Tells whether dist was made from the sources as they are now. Contents count, times do not: a checkout or a copy
 * changes times only, and a clock set back hides a real change.
 * @param {string} root
 */
export function isBuilt(root) {
  const record = join(root, 'dist', recordName)
  if (!existsSync(record)) return false
  return readFileSync(record, 'utf8') === buildRecord(hashBuildInputs(root))
}

/**
 * One hash over everything that decides the content of dist: sources, migrations and fixtures without tests, the
 * compiler's settings, the compiler's version.
 * @param {string} root
 * @returns {string} SHA-256, hex
 */
export function hashBuildInputs(root) {
  const compiler = readLockEntries(join(root, 'package-lock.json'))['node_modules/@typescript/native']
    ?.version
  const hash = createHash('sha256').update(`compiler ${compiler}\n`)
  for (const path of [...listSources(root), 'tsconfig.json', 'tsconfig.build.json']) {
    const content = readFileSync(join(root, path))
    hash.update(`${path} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} root */
function listSources(root) {
  return listFiles(root, /\.(ts|js|json|sql)$/).filter((path) => !path.endsWith('.test.ts'))
}

/**
 * @param {string} root
 * @param {RegExp} pattern
 * @returns {string[]} paths from the root, sorted
 */
function listFiles(root, pattern) {
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return paths
    .filter((path) => pattern.test(path))
    .map((path) => join('src', path))
    .sort()
}

/**
 * Compiles src beside dist and then changes the two names, so that whoever starts meanwhile finds the old build or
 * the new one, and a failed build leaves the old one in place. The caller holds the setup lock.
 * @param {string} root
 * @throws {SetupError} the compiler's messages, when it found an error
 */
export async function buildSources(root) {
  // Hashed before compiling: a file saved during the build makes the next start build again.
  const inputs = hashBuildInputs(root)
  const fresh = join(root, freshName)
  rmSync(fresh, { recursive: true, force: true })
  await compile(root)
  // What the compiled code reads beside itself: migrations and the dialects' fixtures.
  for (const path of listFiles(root, /\.(sql|json)$/))
    cpSync(join(root, path), join(fresh, path.slice('src/'.length)))
  writeFileSync(join(fresh, recordName), buildRecord(inputs))
  replaceBuild(root)
}

/** @param {string} inputs */
function buildRecord(inputs) {
  return `${JSON.stringify({ inputs })}\n`
}

/** @param {string} root */
async function compile(root) {
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  const args = ['-p', 'tsconfig.build.json', '--outDir', freshName]
  const { exitCode, output } = await runCommand(compiler, args, { cwd: root, output: 'capture' })
  if (exitCode === 0) return
  rmSync(join(root, freshName), { recursive: true, force: true })
  throw new SetupError(
    `${output}The sources do not compile (tsc exit code ${exitCode}); see above.`,
    exitCode,
  )
}

/** @param {string} root */
function replaceBuild(root) {
  const retired = join(root, retiredName)
  rmSync(retired, { recursive: true, force: true })
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), retired)
  renameSync(join(root, freshName), join(root, 'dist'))
  rmSync(retired, { recursive: true, force: true })
}
