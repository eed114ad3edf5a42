#!/usr/bin/env -S node --min-semi-space-size=16
/** The command line: each command adds itself. */
import { addBackup } from './cli/backup.ts'
import { openCommandLine, parse } from './cli/command-line.ts'
import { addDoctor } from './cli/doctor.ts'
import { addExport } from './cli/export.ts'
import { addImport } from './cli/import.ts'
import { addKeys } from './cli/keys.ts'
import { addMigrate } from './cli/migrate.ts'
import { addRestore } from './cli/restore.ts'
import { addSecrets } from './cli/secrets.ts'
import { addServe } from './cli/serve.ts'
import { addTags } from './cli/tags.ts'
import { addUsers } from './cli/users.ts'
import { addWork } from './cli/work.ts'
import { addWorkspaces } from './cli/workspaces.ts'

// A reader of our output that goes away (`| head`) must not take the server with it.
process.stdout.on('error', () => undefined)

const commandLine = openCommandLine()
for (const add of [
  addServe,
  addWork,
  addMigrate,
  addImport,
  addExport,
  addWorkspaces,
  addKeys,
  addTags,
  addUsers,
  addSecrets,
  addBackup,
  addRestore,
  addDoctor,
])
  add(commandLine)
await parse(commandLine.program)
