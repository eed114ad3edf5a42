// Stands in for curl on machines that have none: the options of the documented examples, any other is an error.
// As with `curl --fail`, an answer of 400 or above is exit code 22.
import process from 'node:process'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
    request: { type: 'string', short: 'X' },
  },
})

const [url = ''] = positionals
/** @type {[string, string][]} */
const headers = values.header.map((line) => {
  const [name = '', ...rest] = line.split(':')
  return [name, rest.join(':').trim()]
})
const { data = null, request = data === null ? 'GET' : 'POST' } = values
const response = await fetch(url, { method: request, headers, body: data })
process.stdout.write(await response.text())
process.exitCode = response.ok ? 0 : 22
