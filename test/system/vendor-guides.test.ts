import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { walkOf } from '../setup/fenced-blocks.ts'
import { firstStartOf } from './first-start.ts'
import { GuideShell } from './guide-shell.ts'
import { ServerSandbox } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox
let server: TributaryProcess

beforeAll(async () => {
  sandbox = await ServerSandbox.empty()
  server = await sandbox.serve()
})

afterAll(() => sandbox.destroy())

/** A line of a guide, and what it says that the line prints. */
interface Step {
  command: string
  prints: string
}

function stepsOf(guide: string): Step[] {
  const lines = walkOf(guide, 'sh').flatMap(({ text }) => text.split('\n').filter((line) => line !== ''))
  return lines.map((line) => {
    const [command = '', prints = ''] = line.split(' # prints ')
    return { command, prints }
  })
}

const vendors = dialects.map(({ name }) => name).filter((name) => name !== 'native')

test.each(vendors)('the guide of %s works as it stands on a fresh installation', async (vendor) => {
  const steps = stepsOf(`docs/guides/${vendor}.md`)
  expect(steps.filter(({ prints }) => prints !== '').length).toBeGreaterThan(2)
  const shell = new GuideShell(firstStartOf(server))
  for (const { command, prints } of steps)
    expect([command, (await shell.run(command)).trim()]).toEqual([command, prints])
  shell.end()
})
