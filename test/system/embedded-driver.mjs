// Runs openEmbedded in a process of its own, so that the tests can kill it. Tells what happens as JSON lines;
// a line on stdin, or its end, stops the database. Argument: EmbeddedOptions as JSON, with `dieAt`: the beginning of a
// log line at which the process kills itself, before anything else happens.
import { once } from 'node:events'

const dist = process.env['TRIBUTARY_DIST'] ?? new URL('../../dist', import.meta.url).pathname
const { openEmbedded } = await import(`${dist}/storage/embedded/index.js`)

/** @param {Record<string, unknown>} event */
const tell = (event) => console.log(JSON.stringify(event))

try {
  const startedAt = performance.now()
  const { dieAt, ...options } = JSON.parse(process.argv[2] ?? '')
  const database = await openEmbedded({
    ...options,
    log: (/** @type {string} */ message, /** @type {object} */ fields) => {
      if (dieAt && message.startsWith(dieAt)) process.kill(process.pid, 'SIGKILL')
      tell({ event: 'log', message, fields })
    },
  })
  const { pid, adopted, connectionString } = database
  tell({ event: 'open', pid, adopted, connectionString, durationMs: performance.now() - startedAt })
  process.stdin.resume()
  await Promise.race([once(process.stdin, 'data'), once(process.stdin, 'end')])
  const stoppingAt = performance.now()
  await database.stop()
  tell({ event: 'stopped', durationMs: performance.now() - stoppingAt })
} catch (error) {
  const { code, message, cause } = /** @type {Error & { code?: string }} */ (error)
  tell({ event: 'error', code, message, cause: String(cause) })
}
process.stdin.destroy()
