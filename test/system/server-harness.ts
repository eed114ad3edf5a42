import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { pollUntil } from '../../src/storage/embedded/polling.ts'
import { DIST, copyPrepared } from '../setup/prepared.ts'
import { Sandbox, query } from './embedded-harness.ts'

const MAIN = join(DIST, 'main.js')

/** A cold start makes a cluster; one after a kill may wait for the last backends of the dead postmaster. */
const READY_TIMEOUT_MS = 60_000

const EXIT_TIMEOUT_MS = 40_000

/** Credentials of {@link writeConfig}. */
export const KEYS = {
  licenseCode: 'shop1',
  webengage: 'we-key-of-the-shop',
  native: 'tk_of_the_shop',
} as const

/** How a process of dist/main.js is started. */
export interface LaunchOptions {
  args?: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** How a process ended. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

/** One line of the log. */
export type LogLine = Readonly<Record<string, unknown>>

/** A process of dist/main.js and everything it printed. */
export class TributaryProcess {
  readonly child: ChildProcess
  readonly exited: Promise<Ending>
  stdout = ''
  stderr = ''

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    // `close` comes after the last byte of its output, `exit` may come before.
    this.exited = once(child, 'close').then(([code, signal]): Ending => ({ code, signal }))
  }

  /** Where it listens; '' until it does. */
  get address(): string {
    return /^Tributary listens on (\S+)$/m.exec(this.stdout)?.[1] ?? ''
  }

  /** Lines that are JSON. */
  get log(): LogLine[] {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
    return lines.map((line) => JSON.parse(line) as LogLine)
  }

  /** Lines of the log that tell of a request. */
  get requests(): LogLine[] {
    return this.log.filter(({ msg }) => msg === 'request')
  }

  /** Everything that is printed for people. */
  get printed(): string {
    const lines = this.stdout.split('\n').filter((line) => !line.startsWith('{'))
    return lines.join('\n')
  }

  /** Waits until it answers; an end instead fails the test with what it said. */
  async ready(): Promise<this> {
    const state = await pollUntil({ timeoutMs: READY_TIMEOUT_MS }, async () => {
      if (this.address !== '') return 'ready'
      return this.child.exitCode === null && this.child.signalCode === null ? undefined : 'ended'
    })
    if (state !== 'ready') throw new Error(`the server is not ready:\n${this.stdout}\n${this.stderr}`)
    return this
  }

  /** Waits for its end by itself. */
  async end(): Promise<Ending> {
    const ending = await Promise.race([
      this.exited,
      pollUntil({ timeoutMs: EXIT_TIMEOUT_MS, intervalMs: 100 }, async () =>
        this.child.exitCode === null && this.child.signalCode === null ? undefined : true,
      ).then(() => undefined),
    ])
    if (ending) return ending
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.exited
    throw new Error(`the process did not end:\n${this.stdout}\n${this.stderr}`)
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.child.kill(signal)
    return this.end()
  }
}

/** A folder for one test with a data directory, and every process of dist/main.js that works in it. */
export class ServerSandbox {
  readonly files: Sandbox
  #processes: TributaryProcess[] = []

  private constructor(files: Sandbox) {
    this.files = files
  }

  /**
   * Without a data directory: the first process makes it.
   * @param parent where the folder is made; where the system keeps temporary files by default
   */
  static async empty(parent?: string): Promise<ServerSandbox> {
    return new ServerSandbox(await Sandbox.create(parent))
  }

  /** With a migrated data directory that nothing has been written to. */
  static async prepared(): Promise<ServerSandbox> {
    const sandbox = await ServerSandbox.empty()
    await copyPrepared(inject('preparedRoot'), sandbox.dataDir)
    return sandbox
  }

  get dataDir(): string {
    return this.files.dataDir
  }

  /** A path beside the data directory. */
  path(name: string): string {
    return join(this.files.root, name)
  }

  /** Starts dist/main.js on this data directory, at a free port, with no other environment than what it needs. */
  launch({ args = [], env = {} }: LaunchOptions = {}): TributaryProcess {
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH, HOME, PORT: '0', TRIBUTARY_DATA_DIR: this.dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const launched = new TributaryProcess(child)
    this.#processes.push(launched)
    return launched
  }

  /** Runs a command to its end, however long that takes. */
  async run(...args: string[]): Promise<Ending & { text: string; seconds: number }> {
    const startedAt = performance.now()
    const launched = this.launch({ args })
    const ending = await launched.exited
    const text = launched.stdout + launched.stderr
    return { ...ending, text, seconds: (performance.now() - startedAt) / 1_000 }
  }

  /** Starts a server and waits until it answers. */
  async serve(options: LaunchOptions = {}): Promise<TributaryProcess> {
    return this.launch(options).ready()
  }

  /** Starts a worker beside the server and waits until it works. */
  async work({ args = [], ...options }: LaunchOptions = {}): Promise<TributaryProcess> {
    const worker = this.launch({ ...options, args: [...args, 'work'] })
    await waitFor('the worker to work', async () => {
      if (worker.child.exitCode !== null) throw new Error(`the worker ended:\n${worker.stderr}`)
      return worker.stdout.includes('Tributary works in the background') ? true : undefined
    })
    return worker
  }

  /** Writes a configuration with one workspace and serves it. */
  async serveShop(server: object = {}, options: LaunchOptions = {}): Promise<TributaryProcess> {
    const config = await this.writeConfig({ server, workspaces: [shop()] })
    return this.serve({ ...options, args: ['--config', config] })
  }

  /** Writes the configuration file; always the same path. */
  async writeConfig(content: object): Promise<string> {
    const path = this.path('config.json')
    await writeFile(path, JSON.stringify(content))
    return path
  }

  /** How to reach the database of the running server, from its instance.json. */
  async instance(): Promise<{ connectionString: string; ownerPid: number; postmasterPid: number }> {
    const text = await readFile(join(this.dataDir, 'instance.json'), 'utf8')
    const { port, password, ownerPid, postmasterPid } = JSON.parse(text) as Record<string, number | string>
    const connectionString = `postgres://tributary:${password}@127.0.0.1:${port}/tributary`
    return { connectionString, ownerPid: Number(ownerPid), postmasterPid: Number(postmasterPid) }
  }

  /** One statement on the database of the running server. */
  async query<Row>(sql: string): Promise<Row[]> {
    return (await query((await this.instance()).connectionString, sql)) as Row[]
  }

  /** Kills what is left and removes the folder. */
  async destroy(): Promise<void> {
    const living = this.#processes.filter(({ child }) => child.exitCode === null && child.signalCode === null)
    for (const { child } of living) child.kill('SIGKILL')
    await Promise.all(living.map(({ exited }) => exited))
    await this.files.destroy()
  }
}

/** A workspace as the configuration declares it, without rate limits. */
export function shop(keys: Partial<Record<keyof typeof KEYS, string>> = {}): object {
  const { licenseCode, webengage, native } = { ...KEYS, ...keys }
  return {
    name: 'Shop',
    apiKeys: [{ scope: 'native', key: native }],
    webengage: { licenseCode, apiKeys: [webengage], requestsPerMinute: 0, singleRequestsPerMinute: 0 },
  }
}

/** What a server answered. */
export interface Reply {
  status: number
  headers: Headers
  body: unknown
}

/** Reads from the native API, or from any other path with `key: ''`. */
export async function get(address: string, path: string, key: string = KEYS.native): Promise<Reply> {
  return replyOf(await fetch(`${address}${path}`, { headers: key ? { authorization: `Bearer ${key}` } : {} }))
}

/** Sends a body to an operation of WebEngage. */
export async function post(
  address: string,
  operation: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${address}/v1/accounts/${KEYS.licenseCode}/${operation}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEYS.webengage}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  return replyOf(response)
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** Polls until `check` gives something; a timeout fails the test with `what`. */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const found = await pollUntil({ timeoutMs }, check)
  if (found === undefined) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`)
  return found
}
