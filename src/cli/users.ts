import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { resolveText } from '../config.ts'
import { COMMAND_LINE } from '../core/audit/index.ts'
import { openUsers } from '../core/users/index.ts'
import type { Authority, Users } from '../core/users/index.ts'
import type { Operator } from '../core/access/index.ts'
import { newSecret } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import { FORMATS } from '../model/formats.ts'
import { USER_ROLES } from '../model/roles.ts'
import type { UserRole } from '../model/roles.ts'
import type { Database } from '../storage/db.ts'
import { collect, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { print } from './output.ts'
import { findNamedWorkspace } from './workspace-argument.ts'
import { withDatabase } from './with-database.ts'

interface JsonOption {
  json?: boolean
}

interface AddOptions extends JsonOption {
  role: string
  workspace: string[]
  password?: string
}

type Work = (users: Users, db: Database) => Promise<void>

/** Whoever may start a command on the server's machine reaches everybody. */
const EVERYBODY: Authority = {
  actor: COMMAND_LINE,
  workspaceId: undefined,
  reach: undefined,
  permissions: ['*'],
}

/** Adds `tributary users`, with a command for each thing that can be done to one. */
export function addUsers({ program, run }: CommandLine): void {
  const perform = (work: Work): Promise<void> =>
    run((config, { logger }) => withDatabase(config, logger, (db) => work(openUsers(db), db)), 'stderr')
  const group = program.command('users').description('make, list and disable the people who log in')
  const add = (usage: string, description: string): Command =>
    group.command(usage).description(description).option('--json', 'print JSON')
  add('list', 'list the users, disabled ones included').action((options: JsonOption) =>
    perform(async (users) => printUsers(await users.list(EVERYBODY), options)),
  )
  add('add <email>', 'make a user; a generated password is shown only now')
    .option('--role <role>', `what the user may do: ${USER_ROLES.join(', ')}`, 'member')
    .option('--workspace <workspace>', 'name or guid; may be given many times', collect, [])
    .option(
      '--password <password>',
      'a password, env:NAME, or - to read it from stdin; generated when left out',
    )
    .action((email: string, options: AddOptions) =>
      perform((users, db) => addUser(users, db, email, options)),
    )
  add('reset-mfa <email>', "take a user's second factor away, and log it out everywhere").action(
    (email: string, options: JsonOption) =>
      perform(async (users) => {
        const user = await findUser(users, email)
        await users.resetMfa(EVERYBODY, user.userId)
        printDone(user, `Took the second factor of ${user.email} away.`, options)
      }),
  )
  add('disable <email>', 'log a user out everywhere and let it in no more').action(
    (email: string, options: JsonOption) =>
      perform(async (users) => {
        const user = await findUser(users, email)
        await users.change(EVERYBODY, user.userId, { disabled: true })
        printDone(user, `Disabled ${user.email}.`, options)
      }),
  )
}

/** @throws CommanderError CDP_CONFIG_INVALID CDP_USER_TAKEN CDP_PASSWORD_WEAK */
async function addUser(users: Users, db: Database, email: string, options: AddOptions): Promise<void> {
  const { role, workspace: named } = options
  if (!isRole(role)) throw usage(`--role must be one of ${USER_ROLES.join(', ')}`)
  if (!FORMATS.email.accepts(email)) throw usage(`the e-mail ${FORMATS.email.rule}`)
  const workspaces = await Promise.all(named.map((name) => findNamedWorkspace(db, name)))
  const places = workspaces.map(({ guid }) => ({ guid }))
  const password = await readPassword(options)
  const user = await users.create(EVERYBODY, { email, password, role, workspaces: places })
  const isGenerated = options.password === undefined
  const table = [
    ['id', String(user.userId)],
    ['email', user.email],
    ['role', user.role],
    ...(isGenerated ? [['password', `${password} (shown only now)`]] : []),
  ]
  print({ json: { ...show(user), ...(isGenerated && { password }) }, table }, options)
}

/** The first line of stdin: whoever pipes a password in ends it with one. */
async function readPassword({ password }: AddOptions): Promise<string> {
  if (password === undefined) return newSecret('')
  if (password !== '-') return resolveText('--password', password)
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/, 1)
  return line
}

function isRole(role: string): role is UserRole {
  return USER_ROLES.some((each) => each === role)
}

/** @throws CommanderError nobody has this e-mail */
async function findUser(users: Users, email: string): Promise<Operator> {
  const found = (await users.list(EVERYBODY)).find((user) => user.email === email.toLowerCase())
  if (!found) throw usage(`there is no user "${email}"`)
  return found
}

function printUsers(users: readonly Operator[], options: JsonOption): void {
  const rows = users.map((user) => [
    String(user.userId),
    user.email,
    user.role,
    user.hasTotp ? 'yes' : 'no',
    user.disabledAt === undefined ? 'no' : 'yes',
    user.managedBy,
    toRfc3339(user.createdAt),
  ])
  const head = ['ID', 'EMAIL', 'ROLE', 'SECOND FACTOR', 'DISABLED', 'MANAGED BY', 'CREATED']
  print({ json: users.map(show), table: [head, ...rows] }, options)
}

function printDone(user: Operator, sentence: string, options: JsonOption): void {
  print({ json: { id: user.userId, email: user.email, done: true }, table: [[sentence]] }, options)
}

function show({ userId: id, memberships, createdAt, disabledAt, ...user }: Operator): object {
  return {
    id,
    ...user,
    workspaces: memberships.map(({ workspaceId, role }) => ({ id: workspaceId, role })),
    createdAt: toRfc3339(createdAt),
    disabledAt: disabledAt === undefined ? null : toRfc3339(disabledAt),
  }
}
