// @ts-check
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readLockEntries } from './installed-packages.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** What the console is made of. */
const consoleFolders = ['console', 'sdk/src']

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
  return readFileSync(record, 'utf8') === buildRecord(root)
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
  const paths = [...listSources(root, 'src'), 'tsconfig.json', 'tsconfig.build.json']
  return hashFiles(root, paths, `compiler ${compiler}`)
}

/**
 * As {@link hashBuildInputs}, of the console: its own files, the sdk, and every package that is installed.
 * @param {string} root
 * @returns {string} SHA-256, hex
 */
export function hashConsoleInputs(root) {
  const paths = consoleFolders.flatMap((folder) => listSources(root, folder))
  return hashFiles(root, [...paths, 'tsconfig.json', 'package-lock.json'], '')
}

/**
 * @param {string} root
 * @param {string[]} paths
 * @param {string} heading
 */
function hashFiles(root, paths, heading) {
  const hash = createHash('sha256').update(`${heading}\n`)
  for (const path of paths) {
    const content = readFileSync(join(root, path))
    hash.update(`${path} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/**
 * @param {string} root
 * @param {string} folder
 */
function listSources(root, folder) {
  const paths = listFiles(root, folder, /\.(tsx?|js|json|sql|css|html|svg)$/)
  return paths.filter((path) => !path.endsWith('.test.ts'))
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {RegExp} pattern
 * @returns {string[]} paths from the root, sorted; nothing that is installed or built
 */
function listFiles(root, folder, pattern) {
  if (!existsSync(join(root, folder))) return []
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return paths
    .filter((path) => pattern.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path))
    .sort()
}

/**
 * Compiles src beside dist, with the console, and then changes the two names, so that whoever starts meanwhile finds the old build or
 * the new one, and a failed build leaves the old one in place. The caller holds the setup lock.
 * @param {string} root
 * @throws {SetupError} the compiler's messages, when it found an error
 */
export async function buildSources(root) {
  // Hashed before compiling: a file saved during the build makes the next start build again.
  const record = buildRecord(root)
  const fresh = join(root, freshName)
  rmSync(fresh, { recursive: true, force: true })
  await compile(root)
  // What the compiled code reads beside itself: migrations and the dialects' fixtures.
  for (const path of listFiles(root, 'src', /\.(sql|json)$/))
    cpSync(join(root, path), join(fresh, path.slice('src/'.length)))
  await addConsole(root, JSON.parse(record).console)
  writeFileSync(join(fresh, recordName), record)
  replaceBuild(root)
}

/** @param {string} root */
function buildRecord(root) {
  return `${JSON.stringify({ inputs: hashBuildInputs(root), console: hashConsoleInputs(root) })}\n`
}

/**
 * Puts the console into the new build: that of the old one when nothing of it has changed.
 * @param {string} root
 * @param {string} hash of what it is made of
 */
async function addConsole(root, hash) {
  if (!existsSync(join(root, 'console'))) return
  const [built, fresh] = [join(root, 'dist', 'console'), join(root, freshName, 'console')]
  const record = join(root, 'dist', recordName)
  if (existsSync(built) && existsSync(record) && JSON.parse(readFileSync(record, 'utf8')).console === hash) {
    cpSync(built, fresh, { recursive: true })
    return
  }
  await run(root, 'vite', ['build', 'console', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'])
}

/** @param {string} root */
async function compile(root) {
  await run(root, 'tsc', ['-p', 'tsconfig.build.json', '--outDir', freshName])
}

/**
 * @param {string} root
 * @param {string} tool
 * @param {string[]} args
 * @throws {SetupError} what the tool said
 */
async function run(root, tool, args) {
  const command = join(root, 'node_modules', '.bin', tool)
  const { exitCode, output } = await runCommand(command, args, { cwd: root, output: 'capture' })
  if (exitCode === 0) return
  rmSync(join(root, freshName), { recursive: true, force: true })
  throw new SetupError(
    `${output}The sources do not compile (${tool} exit code ${exitCode}); see above.`,
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
