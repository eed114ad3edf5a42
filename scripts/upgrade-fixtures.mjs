// @ts-check
// `node scripts/upgrade-fixtures.mjs [version …]`: writes test/upgrade/NNNN.zip and .json, a database of each earlier schema version
// with the rows that its own release writes. For each version it takes the last commit at which it was the newest, checks it out
// beside this tree, and runs test/upgrade/make-fixture.ts there. A version that never was the newest of a commit (it came together
// with a later one) has none: test/prove/upgrade/schemas.test.ts makes it of the version before. Needs dist (`npm run build`) and git's history;
// run it once before a migration is added, with the version that is the newest then.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const MIGRATIONS = 'src/storage/migrations/'
const MAKER = 'test/upgrade/make-fixture.ts'

const wanted = process.argv.slice(2).map(Number)
const commits = findCommits()
for (const [version, commit] of commits)
  if (wanted.length === 0 || wanted.includes(version)) make(version, commit)

/** @param {...string} args */
function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }).trim()
}

/**
 * Names and contents of the migrations of a commit, in order.
 * @param {string} commit
 */
function migrationsOf(commit) {
  const lines = git('ls-tree', commit, MIGRATIONS).split('\n')
  return lines.filter((line) => line !== '').map((line) => line.replace(/^\d+ blob /, ''))
}

/** The last commit of each version, by version; one whose migrations were edited or numbered anew later is none. */
function findCommits() {
  const newest = migrationsOf('HEAD')
  /** @type {Map<number, string>} */
  const found = new Map()
  for (const commit of git('log', '--topo-order', '--format=%H').split('\n')) {
    const own = migrationsOf(commit)
    const isPrefix = own.length > 0 && own.every((line, index) => line === newest[index])
    if (isPrefix && !found.has(own.length)) found.set(own.length, commit)
  }
  return [...found].sort(([a], [b]) => a - b)
}

/**
 * @param {number} version
 * @param {string} commit
 */
function make(version, commit) {
  const tree = join(mkdtempSync(join(tmpdir(), 'upgrade-')), 'tree')
  git('worktree', 'add', '--detach', tree, commit)
  try {
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
    const maker = join(tree, MAKER.replace(/\.ts$/, '.pg.test.ts'))
    cpSync(join(root, MAKER), maker)
    const name = String(version).padStart(4, '0')
    console.log(`${name}: ${git('log', '-1', '--format=%h %s', commit)}`)
    execFileSync(join(root, 'node_modules/.bin/vitest'), ['run', '--project', 'integration', maker], {
      cwd: tree,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        UPGRADE_FIXTURE: join(root, 'test/upgrade', `${name}.zip`),
        UPGRADE_MAIN: join(root, 'dist/main.js'),
      },
    })
  } catch (error) {
    console.error(`${version}: ${String(error)}`)
    process.exitCode = 1
  } finally {
    git('worktree', 'remove', '--force', tree)
    rmSync(dirname(tree), { recursive: true })
  }
}
