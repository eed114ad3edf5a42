import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { FastifyInstance } from 'fastify'
import { openApp } from '../../src/app.ts'
import type { App } from '../../src/app.ts'
import { seal } from '../../src/core/access/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import type { GoogleSignIn } from '../../src/core/users/index.ts'
import type { DeclaredUser } from '../../src/core/workspaces/index.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { Dialect, Operation, Starter } from '../../src/dialects/index.ts'
import { now } from '../../src/lib/time.ts'
import type { Database } from '../../src/storage/db.ts'
import { findOperatorByEmail } from '../../src/storage/operators.ts'
import { saveTotp, useTotpStep } from '../../src/storage/second-factors.ts'
import { startUpkeep } from '../../src/upkeep.ts'
import { openTestGoogle } from '../setup/google.ts'
import { SEED, addressOf, buyToken } from './credentials.ts'

/** What a fixture or a test sends; parameters that carry the workspace's address are filled in. */
export interface Call {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  /** Sent instead of `body`, byte by byte. */
  rawBody?: string | Buffer
  headers?: Record<string, string>
  /** Whose credentials: the first workspace's by default. */
  workspace?: WorkspaceName
  /** Leaves the credential out, or sends a wrong one. */
  credential?: 'none' | 'wrong'
}

/** The two workspaces of every harness. */
export type WorkspaceName = 'First' | 'Second'

/** What came back. */
export interface Reply {
  status: number
  headers: Record<string, unknown>
  body: unknown
  text: string
}

/** A mounted application over a database, with two workspaces that speak every dialect. */
export interface Harness {
  app: App
  call(dialect: string, operation: string, call?: Call): Promise<Reply>
  /** How a workspace's credential of a dialect travels; the first one's by default. */
  credentialOf(
    dialect: string,
    workspace?: WorkspaceName,
  ): { headers: Record<string, string>; params: Record<string, string> }
  /** Sends anything anywhere. */
  raw(
    method: string,
    url: string,
    options?: { headers?: Record<string, string>; payload?: string | Buffer },
  ): Promise<Reply>
  /** Every secret that opens something here: keys of both workspaces, tokens, passwords, what seals, by what it is. */
  secrets(): Readonly<Record<string, string>>
  /** Changes settings of both workspaces; they are declared, so no API may. */
  setSettings(settings: Readonly<Record<string, unknown>>): Promise<void>
  close(): Promise<void>
}

/** Opens the application over a migrated database. `limits` are settings of the dialects, by name; `bounds` of requests; `logger` takes what it logs. */
export async function openHarness(
  db: Database,
  limits: Record<string, Record<string, number>> = {
    webengage: { requestsPerMinute: 0, singleRequestsPerMinute: 0 },
    yotpo: { requestsPerSecond: 0 },
  },
  bounds: Partial<Bounds> = {},
  logger?: Logger,
): Promise<Harness> {
  const starters = { First: makeStarters(), Second: makeStarters() }
  const guids = { First: randomUUID(), Second: randomUUID() }
  await declare(db, starters, guids, limits)
  const exportFolder = newExportFolder()
  const google = await openTestGoogle()
  const app = await openTestApp(db, logger, bounds, exportFolder, google.settings)
  const worker = startUpkeep({ db, exportFolder, onError: () => undefined })
  await app.http.ready()
  for (const byDialect of Object.values(starters)) await buyToken(app.http, byDialect.get('yotpo'))
  return {
    app,
    call: async (dialect, operation, call = {}) => {
      const workspace = call.workspace ?? 'First'
      const address = addressOf(starters[workspace], guids[workspace], dialect, call)
      if (wantsGoogle(call.body)) address.params['googleToken'] = await google.tokenOf(GOOGLE_CLAIMS)
      return send(app.http, findOperation(dialect, operation), address, call)
    },
    credentialOf: (dialect, workspace = 'First') =>
      addressOf(starters[workspace], guids[workspace], dialect, {}),
    secrets: () => secretsOf(starters),
    raw: (method, url, options = {}) => inject(app.http, method, url, options),
    setSettings: async ({ dialects: _own, ...settings }) => {
      await db.general.query('update workspace set settings = settings || $1::jsonb', [
        JSON.stringify(settings),
      ])
      app.credentials.forget()
    },
    close: async () => {
      await app.close()
      await worker.stop()
      await google.close()
      await rm(exportFolder, { recursive: true, force: true })
    },
  }
}

function secretsOf(starters: Readonly<Record<WorkspaceName, Starters>>): Record<string, string> {
  const keys = Object.entries(starters).flatMap(([workspace, byDialect]) =>
    [...byDialect].flatMap(([dialect, { keys }]) =>
      keys.map(({ secret }, index) => [`${workspace} ${dialect} ${index}`, secret] as const),
    ),
  )
  return {
    ...Object.fromEntries(keys),
    'password of users': OPERATOR.password,
    'secret key': SECRET_KEY.toString('base64'),
    'secret key in hexadecimal': SECRET_KEY.toString('hex'),
    'seed of second factors': SEED.toString('hex'),
  }
}

/** The application alone, as another process over the same database has it. @param logger takes what it logs */
export function openTestApp(
  db: Database,
  logger = pino({ level: 'silent' }),
  bounds: Partial<Bounds> = {},
  exportFolder = newExportFolder(),
  google?: GoogleSignIn,
): Promise<App> {
  const { bodyBytesMax, requestTimeoutMs, headersTimeoutMs, allowPrivateUrls, ...limits } = {
    ...BOUNDS,
    ...bounds,
  }
  const publicUrl = 'http://127.0.0.1:4100'
  return openApp({
    db,
    logger,
    processes: 1,
    publicUrl,
    backgroundWork: true,
    allowPrivateUrls,
    secretKey: SECRET_KEY,
    exportFolder,
    google,
    limits,
    http: { ...HTTP_LIMITS, bodyBytesMax, requestTimeoutMs, headersTimeoutMs },
  })
}

/** A folder that no other harness has; it is there once a file is. */
function newExportFolder(): string {
  return join(tmpdir(), `tributary-exports-${randomUUID()}`)
}

/** Longest bodies, in bytes, and how long a file, a request and its headers may take, milliseconds. */
interface Bounds {
  bodyBytesMax: number
  importBytesMax: number
  uploadBytesMax: number
  uploadTimeoutMs: number
  requestTimeoutMs: number
  headersTimeoutMs: number
  /** The providers of tests are on this machine. */
  allowPrivateUrls: boolean
}

const BOUNDS: Bounds = {
  bodyBytesMax: 256 * 1024,
  importBytesMax: 256 * 1024,
  uploadBytesMax: 256 * 1024,
  uploadTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  allowPrivateUrls: true,
}

const HTTP_LIMITS = {
  jsonDepthMax: 32,
  keepAliveTimeoutMs: 10_000,
  trustProxy: false,
  tls: undefined,
}

type Starters = ReadonlyMap<string, Starter>

function makeStarters(): Starters {
  return new Map(dialects.map((dialect) => [dialect.name, dialect.starter()]))
}

async function declare(
  db: Database,
  starters: Record<WorkspaceName, Starters>,
  guids: Record<WorkspaceName, string>,
  limits: Record<string, Record<string, number>>,
): Promise<void> {
  const workspaces = Object.entries(starters).map(([name, byDialect]) => ({
    name,
    guid: guids[name as WorkspaceName],
    keys: [...byDialect.values()].flatMap(({ keys }) => keys),
    settings: {
      ...DEFAULT_SETTINGS,
      dialects: Object.fromEntries(
        [...byDialect].map(([dialect, { settings }]) => [dialect, { ...settings, ...limits[dialect] }]),
      ),
    },
  }))
  await applyDeclaration(db, { workspaces, users: [OPERATOR, CAREFUL, ...OTHERS] }, 'config')
  for (const email of [CAREFUL.email, 'cautious@example.com', 'renewing@example.com', 'removing@example.com'])
    await enrol(db, email)
}

/** An owner of the installation who has no second factor. */
export const OPERATOR: DeclaredUser = {
  email: 'operator@example.com',
  password: 'correct horse battery staple',
  role: 'owner',
  workspaces: ['First'],
}

/** An admin of the first workspace who has one. */
export const CAREFUL: DeclaredUser = { ...OPERATOR, email: 'careful@example.com', role: 'admin' }

// A code is taken once: each fixture that needs one has a user of its own.
const OTHERS: readonly DeclaredUser[] = [
  'cautious@example.com',
  'renewing@example.com',
  'removing@example.com',
  'enrolling@example.com',
].map((email) => ({ ...OPERATOR, email, role: 'member' }))

/** What the token says for which `"@googleToken"` stands in a fixture. */
const GOOGLE_CLAIMS = { email: OPERATOR.email, email_verified: true, nonce: 'n-0S6_WzA2Mj-random-text' }

function wantsGoogle(body: unknown): boolean {
  return Object.values(Object(body) as object).includes('@googleToken')
}

/** What seals secrets in every harness. */
export const SECRET_KEY = Buffer.alloc(32, 7)

/** Gives a user a second factor, as if it had been confirmed long ago. */
async function enrol(db: Database, email: string): Promise<void> {
  const user = await findOperatorByEmail(db.general, email)
  if (!user) throw new Error(`no user ${email}`)
  const { userId } = user
  await saveTotp(db.general, userId, seal(SEED, `totp|${userId}`, SECRET_KEY), now())
  await useTotpStep(db.general, userId, 1, now())
}

/** The operation of a dialect's table. */
export function findOperation(dialectName: string, id: string): Operation {
  const operation = findDialect(dialectName).operations.find((candidate) => candidate.id === id)
  if (!operation) throw new Error(`${dialectName} has no operation ${id}`)
  return operation
}

/** The dialect of the registry. */
export function findDialect(name: string): Dialect {
  const dialect = dialects.find((candidate) => candidate.name === name)
  if (!dialect) throw new Error(`no dialect ${name}`)
  return dialect
}

async function send(
  http: FastifyInstance,
  operation: Operation,
  address: { headers: Record<string, string>; params: Record<string, string> },
  call: Call,
): Promise<Reply> {
  const params: Record<string, string> = { ...address.params, ...call.params }
  const path = operation.path.replaceAll(/:(\w+)/g, (_match, name: string) =>
    encodeURIComponent(params[name] ?? '1'),
  )
  const query = call.query ? `?${new URLSearchParams(call.query).toString()}` : ''
  const hasBody = call.rawBody !== undefined || call.body !== undefined
  const type: Record<string, string> = hasBody ? { 'content-type': 'application/json' } : {}
  const headers = { ...type, ...address.headers, ...call.headers }
  const payload = call.rawBody ?? textOf(call.body, params)
  return inject(
    http,
    operation.method,
    path + query,
    payload === undefined ? { headers } : { headers, payload },
  )
}

function textOf(body: unknown, params: Readonly<Record<string, string>>): string | undefined {
  return body === undefined || typeof body === 'string' ? body : filled(body, params)
}

/** The body with `@name` replaced by the parameter of that name: some vendors carry the address in the body. */
function filled(body: unknown, params: Readonly<Record<string, string>>): string {
  return Object.entries(params).reduce(
    (text, [name, value]) => text.replaceAll(`"@${name}"`, JSON.stringify(value)),
    JSON.stringify(body),
  )
}

async function inject(
  http: FastifyInstance,
  method: string,
  url: string,
  options: { headers?: Record<string, string>; payload?: string | Buffer },
): Promise<Reply> {
  const response = await http.inject({ method: method as 'POST', url, ...options })
  const isJson = /[/+]json/.test(String(response.headers['content-type'] ?? ''))
  const body: unknown = isJson ? response.json() : response.body
  return { status: response.statusCode, headers: response.headers, body, text: response.body }
}
