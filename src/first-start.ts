/** The very first start without a configuration: makes something to work with, and shows its secrets once. */
import { randomUUID } from 'node:crypto'
import { DEFAULT_SETTINGS, applyDeclaration, isUntouched } from './core/workspaces/index.ts'
import { dialects } from './dialects/index.ts'
import { newSecret } from './lib/ids.ts'
import type { Database } from './storage/db.ts'

const WORKSPACE = 'Default'

const ADMINISTRATOR = 'admin@localhost'

/**
 * Makes a workspace, an administrator and one credential per dialect, when the installation is empty. Prints them
 * with a ready command line each: they are stored as hashes and never shown again.
 */
export async function firstStart(
  db: Database,
  address: string,
  print: (text: string) => void,
): Promise<void> {
  if (!(await isUntouched(db))) return
  const starters = dialects.map((dialect) => ({ dialect, starter: dialect.starter() }))
  const password = newSecret('')
  const settings = {
    ...DEFAULT_SETTINGS,
    dialects: Object.fromEntries(starters.map(({ dialect, starter }) => [dialect.name, starter.settings])),
  }
  const keys = starters.flatMap(({ starter }) => starter.keys)
  const workspace = { name: WORKSPACE, guid: randomUUID(), settings, keys }
  const user = { email: ADMINISTRATOR, password, role: 'owner' as const, workspaces: [WORKSPACE] }
  await applyDeclaration(db, { workspaces: [workspace], users: [user] }, 'start')
  print(
    `\nThis is the first start. Workspace "${WORKSPACE}" (${workspace.guid}) was made; its secrets are shown only now.\n`,
  )
  print(`Administrator: ${ADMINISTRATOR}, password ${password}\nConsole: ${address}/console/\n`)
  for (const { dialect, starter } of starters) {
    const lines = [starter.curl(address), ...(starter.aside === undefined ? [] : [starter.aside])]
    print(`${dialect.title}:\n  ${lines.join('\n  ')}\n`)
  }
}
