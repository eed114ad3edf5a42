// @ts-check
// `npm run bench`: installs what is missing, builds what is stale, compiles bench/ beside it and runs it.
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.mjs'
import { SetupError, runScript } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

await runScript(async () => {
  await ensureInstalled()
  await ensureBuilt()
  const root = fileURLToPath(new URL('..', import.meta.url))
  rmSync(`${root}.cache/bench`, { recursive: true, force: true })
  const compile = ['-p', 'tsconfig.bench.json']
  const { exitCode } = await runCommand(`${root}node_modules/.bin/tsc`, compile, {
    cwd: root,
    output: 'show',
  })
  if (exitCode !== 0) throw new SetupError('The benchmark does not compile.')
  cpSync(`${root}src/storage/migrations`, `${root}.cache/bench/src/storage/migrations`, { recursive: true })
  await import(new URL('../.cache/bench/bench/main.js', import.meta.url).href)
})
