// @ts-check
// `npm run build`: installs what is missing and compiles src into dist when dist is stale.
import { runScript } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

await runScript(async () => {
  await ensureInstalled()
  await ensureBuilt()
})
