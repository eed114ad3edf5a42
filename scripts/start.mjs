// @ts-check
// `npm start`: installs what is missing, builds what is stale, then IS the server: no child process, so a signal
// reaches it directly and its exit code is the exit code. `npm start -- --port 5000` passes options through.
import { fileURLToPath } from 'node:url'
import { runScript } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

await runScript(async () => {
  await ensureInstalled()
  await ensureBuilt()
  const main = new URL('../dist/main.js', import.meta.url)
  const [node = process.execPath, , ...options] = process.argv
  process.argv = [node, fileURLToPath(main), 'serve', ...options]
  await import(main.href)
})
