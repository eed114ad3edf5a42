import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkBoundaries, findUnread } from './boundaries.mjs'
import { projectRoot } from './setup.mjs'

/** Importing file, imported file or package, and the rules that must name this import. */
type Import = readonly [from: string, to: string, ...rules: string[]]

const allowed: Import[] = [
  ['src/main.ts', 'src/server.ts'],
  ['src/server.ts', 'src/app.ts'],
  ['src/server.ts', 'src/config/load.ts'],
  ['src/app.ts', 'src/dialects/index.ts'],
  ['src/app.ts', 'src/storage/db.ts'],
  ['src/app.ts', 'src/core/ingest/index.ts'],
  ['src/app.ts', 'fastify'],
  ['src/dialects/index.ts', 'src/dialects/pyze/index.ts'],
  ['src/dialects/pyze/index.ts', 'src/dialects/pyze/routes.ts'],
  ['src/dialects/pyze/index.ts', 'src/dialects/dialect.ts'],
  ['src/dialects/pyze/routes.ts', 'src/core/ingest/index.ts'],
  ['src/dialects/pyze/routes.ts', 'src/http/limits.ts'],
  ['src/dialects/pyze/routes.ts', 'src/model/errors.ts'],
  ['src/dialects/pyze/routes.ts', 'fastify'],
  ['src/http/limits.ts', 'src/core/access/index.ts'],
  ['src/http/limits.ts', 'fastify'],
  ['src/jobs/prune.ts', 'src/core/events/index.ts'],
  ['src/core/ingest/index.ts', 'src/core/ingest/pipeline.ts'],
  ['src/core/ingest/pipeline.ts', 'src/core/ingest/steps/index.ts'],
  ['src/core/ingest/pipeline.ts', 'src/core/profiles/index.ts'],
  ['src/core/ingest/pipeline.ts', 'src/storage/db.ts'],
  ['src/core/ingest/pipeline.ts', 'src/outbound/mail.ts'],
  ['src/core/ingest/pipeline.test.ts', 'src/core/ingest/pipeline.ts'],
  ['src/core/ingest/pipeline.pg.test.ts', 'test/setup/database.ts'],
  ['src/storage/db.ts', 'src/model/errors.ts'],
  ['src/storage/db.ts', 'src/lib/time.ts'],
  ['src/storage/db.ts', 'pg'],
  ['src/model/errors.ts', 'src/lib/time.ts'],
  ['test/contract/replay.test.ts', 'src/app.ts'],
  ['test/contract/replay.test.ts', 'src/core/ingest/pipeline.ts'],
  ['test/contract/replay.test.ts', 'src/storage/db.ts'],
  ['test/setup/database.ts', 'pg'],
  ['bench/run.ts', 'src/core/ingest/index.ts'],
  ['scripts/setup.mjs', 'src/lib/lock.js'],
  ['console/page.ts', 'sdk/client.ts'],
]

const forbidden: Import[] = [
  ['src/lib/bad.ts', 'src/model/errors.ts', 'lib-layer'],
  ['src/model/bad.ts', 'src/storage/db.ts', 'model-layer'],
  ['src/model/bad-fastify.ts', 'fastify', 'fastify-only-at-the-edge'],
  ['src/storage/bad.ts', 'src/core/profiles/index.ts', 'storage-layer'],
  ['src/storage/bad-fastify.ts', '@fastify/cors', 'fastify-only-at-the-edge'],
  ['src/outbound/bad.ts', 'src/storage/db.ts', 'outbound-layer'],
  ['src/core/bad/http.ts', 'src/http/limits.ts', 'core-layer'],
  ['src/core/bad/dialects.ts', 'src/dialects/pyze/routes.ts', 'core-layer'],
  ['src/core/bad/jobs.ts', 'src/jobs/prune.ts', 'core-layer'],
  ['src/core/bad/fastify.ts', 'fastify', 'fastify-only-at-the-edge'],
  ['src/core/bad/pg.ts', 'pg', 'sql-only-in-storage'],
  ['src/core/bad/config.ts', 'src/config/load.ts', 'core-layer', 'config-is-read-at-the-top'],
  ['src/core/bad/inner.ts', 'src/core/ingest/pipeline.ts', 'core-modules-front-door'],
  ['src/core/bad/deep.ts', 'src/core/ingest/steps/index.ts', 'core-modules-front-door'],
  ['src/core/bad.ts', 'src/core/ingest/pipeline.ts', 'core-modules-front-door'],
  ['src/core/bad/inner.test.ts', 'src/core/ingest/pipeline.ts', 'core-modules-front-door'],
  ['src/jobs/bad.ts', 'src/http/limits.ts', 'jobs-layer'],
  ['src/jobs/bad-storage.ts', 'src/storage/db.ts', 'jobs-layer'],
  ['src/jobs/bad-inner.ts', 'src/core/ingest/pipeline.ts', 'core-front-door'],
  ['src/http/bad.ts', 'src/dialects/index.ts', 'http-layer'],
  ['src/http/bad-storage.ts', 'src/storage/db.ts', 'http-layer'],
  ['src/http/bad-server.ts', 'src/server.ts', 'http-layer', 'config-is-read-at-the-top'],
  ['src/dialects/pyze/bad.ts', 'src/storage/db.ts', 'dialects-layer'],
  ['src/dialects/pyze/bad-jobs.ts', 'src/jobs/prune.ts', 'dialects-layer'],
  ['src/dialects/pyze/bad-outbound.ts', 'src/outbound/mail.ts', 'dialects-layer'],
  ['src/dialects/pyze/bad-inner.ts', 'src/core/ingest/pipeline.ts', 'core-front-door'],
  ['src/dialects/pyze/bad-inner.test.ts', 'src/core/ingest/pipeline.ts', 'core-front-door'],
  ['src/dialects/pyze/bad-peer.ts', 'src/dialects/yotpo/mapping.ts', 'dialects-are-peers'],
  ['src/dialects/pyze/bad-pg.ts', 'pg', 'sql-only-in-storage'],
  ['src/app-bad.ts', 'src/core/ingest/pipeline.ts', 'core-front-door'],
  ['src/upkeep.ts', 'pg', 'sql-only-in-storage'],
  ['bench/bad.ts', 'src/core/ingest/pipeline.ts', 'core-front-door'],
  ['console/bad.ts', 'src/model/errors.ts', 'console-and-sdk-speak-http'],
  ['sdk/bad.ts', 'src/model/errors.ts', 'console-and-sdk-speak-http'],
  ['src/lib/bad-sdk.ts', 'sdk/client.ts', 'lib-layer'],
  ['src/core/bad/test.ts', 'test/setup/database.ts', 'product-never-imports-tests'],
  ['src/core/bad/beside.ts', 'src/core/bad/inner.test.ts', 'product-never-imports-tests'],
  ['src/lib/bad-script.ts', 'scripts/setup.mjs', 'product-never-imports-tools'],
  ['src/app-bench.ts', 'bench/run.ts', 'product-never-imports-tools'],
  ['src/lib/bad-path.ts', 'src/lib/missing.ts', 'unresolvable'],
  ['src/lib/round-a.ts', 'src/lib/round-b.ts', 'no-cycles'],
  // One cycle is reported once, at the first of its files.
  ['src/lib/round-b.ts', 'src/lib/round-a.ts'],
]

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'boundaries-'))
  cpSync(join(projectRoot, 'tsconfig.json'), join(root, 'tsconfig.json'))
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Writes every file that the imports name; a path with "missing" in it is named but not written. */
function plant(imports: readonly Import[], statement: (specifier: string) => string): void {
  const files = new Map<string, string[]>()
  const isFile = (name: string) => /\.(ts|m?js)$/.test(name)
  for (const [from, to] of imports) {
    const specifier = isFile(to) ? `./${relative(dirname(from), to)}` : to
    files.set(from, [...(files.get(from) ?? []), statement(specifier)])
    if (isFile(to) && !to.includes('missing')) files.set(to, files.get(to) ?? [])
  }
  for (const [path, lines] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${[...lines, 'export const one: number = 1'].join('\n')}\n`)
  }
}

const importValue = (specifier: string) => `export * from '${specifier}'`
const importType = (specifier: string) => `import type * as Seen from '${specifier}'`

function expectedFindings(imports: readonly Import[]): string[] {
  return imports.flatMap(([from, to, ...rules]) => rules.map((rule) => `${rule}: ${from} → ${to}`)).sort()
}

/** Packages and cycles come back longer than they were written. */
async function findViolations(): Promise<string[]> {
  const { findings } = await checkBoundaries(root)
  return findings
    .map((finding) =>
      finding.replace(/(→ \S+) → .*$/, '$1').replace(/→ .*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/, '→ $1'),
    )
    .map((finding) => finding.replace('→ ./missing.ts', '→ src/lib/missing.ts'))
    .sort()
}

test('every allowed import passes', async () => {
  plant(allowed, importValue)
  expect(await findViolations()).toEqual([])
  expect((await checkBoundaries(root)).moduleCount).toBeGreaterThan(20)
})

test('every forbidden import is caught by the name of its rule, and nothing else is', async () => {
  plant([...allowed, ...forbidden], importValue)
  expect(await findViolations()).toEqual(expectedFindings(forbidden))
})

test('an import of types only is caught like any other', async () => {
  plant(forbidden, importType)
  expect(await findViolations()).toEqual(expectedFindings(forbidden))
})

test('every rule of the configuration has a planted violation', () => {
  const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
    forbidden: { name: string }[]
  }
  const planted = new Set(forbidden.flatMap(([, , ...rules]) => rules))
  expect([...planted].sort()).toEqual(config.forbidden.map((rule) => rule.name).sort())
})

test('a tree without sources fails', async () => {
  expect(await findViolations()).toEqual(['no-sources: there is no source file under src'])
})

test('a tree whose TypeScript is not read fails', () => {
  plant([['src/main.ts', 'src/lib/lock.js']], importValue)
  // What remains when dependency-cruiser finds no TypeScript version that it can use: the plain JavaScript.
  const seen = new Set(['src/lib/lock.js'])
  expect(findUnread(root, seen)).toEqual(['not-read: dependency-cruiser did not read src/main.ts'])
})
