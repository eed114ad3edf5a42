#!/usr/bin/env -S node --min-semi-space-size=16
/** The command line: each command adds itself. */
import { openCommandLine, parse } from './cli/command-line.ts'
import type { LoadCommand } from './cli/command-line.ts'

/**
 * The commands in the order of the help. One is loaded when it is called: all of them are three times what `keys list` needs, and it
 * does less than that loading costs.
 */
const COMMANDS = new Map<string, LoadCommand>([
  ['serve', async () => (await import('./cli/serve.ts')).addServe],
  ['work', async () => (await import('./cli/work.ts')).addWork],
  ['migrate', async () => (await import('./cli/migrate.ts')).addMigrate],
  ['import', async () => (await import('./cli/import.ts')).addImport],
  ['export', async () => (await import('./cli/export.ts')).addExport],
  ['workspaces', async () => (await import('./cli/workspaces.ts')).addWorkspaces],
  ['keys', async () => (await import('./cli/keys.ts')).addKeys],
  ['tags', async () => (await import('./cli/tags.ts')).addTags],
  ['users', async () => (await import('./cli/users.ts')).addUsers],
  ['secrets', async () => (await import('./cli/secrets.ts')).addSecrets],
  ['backup', async () => (await import('./cli/backup.ts')).addBackup],
  ['restore', async () => (await import('./cli/restore.ts')).addRestore],
  ['doctor', async () => (await import('./cli/doctor.ts')).addDoctor],
])

// A reader of our output that goes away (`| head`) must not take the server with it.
process.stdout.on('error', () => undefined)

await parse(openCommandLine(), COMMANDS)
