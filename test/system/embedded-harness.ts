import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, readlink, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { DIST } from '../setup/prepared.ts'
import type { EmbeddedOptions } from '../../src/storage/embedded/index.ts'
import { pollUntil } from '../../src/storage/embedded/polling.ts'

const DRIVER = fileURLToPath(new URL('embedded-driver.mjs', import.meta.url))

/** A line of the driver. */
export interface DriverEvent {
  event: 'open' | 'error' | 'stopped' | 'log'
  pid: number
  adopted: boolean
  connectionString: string
  durationMs: number
  code: string
  message: string
}

/** A process that runs openEmbedded, and everything it said. */
export interface Driver {
  child: ChildProcess
  events: DriverEvent[]
}

/** A directory for one test, and every process that the test starts on it. */
export class Sandbox {
  readonly root: string
  readonly dataDir: string
  #drivers: Driver[] = []

  private constructor(root: string) {
    this.root = root
    this.dataDir = join(root, 'data')
  }

  static async create(parent = tmpdir()): Promise<Sandbox> {
    await access(join(DIST, 'storage/embedded/index.js'))
    return new Sandbox(await realpath(await mkdtemp(join(parent, 'embedded-'))))
  }

  /** Starts a process with openEmbedded; it has not opened anything yet. `dieAt`: see the driver. */
  launch(options: Partial<EmbeddedOptions> & { dieAt?: string } = {}): Driver {
    const full = { dataDir: this.dataDir, role: 'owner', ...options }
    const child = spawn(process.execPath, [DRIVER, JSON.stringify(full)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const driver: Driver = { child, events: [] }
    createInterface({ input: child.stdout }).on('line', (line) => driver.events.push(JSON.parse(line)))
    this.#drivers.push(driver)
    return driver
  }

  async open(options: Partial<EmbeddedOptions> = {}): Promise<{ driver: Driver; opened: DriverEvent }> {
    const driver = this.launch(options)
    return { driver, opened: await waitForEvent(driver, 'open') }
  }

  /** Pids of all engine processes that work in this sandbox. */
  async engineProcesses(): Promise<number[]> {
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
    const found = await Promise.all(
      pids.map(async (pid) => {
        const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
        return cwd.startsWith(`${this.root}/`) ? pid : 0
      }),
    )
    return found.filter((pid) => pid > 0)
  }

  /** Kills what is left, and fails when something cannot be. */
  async destroy(): Promise<void> {
    for (const { child } of this.#drivers) child.kill('SIGKILL')
    const clean = await pollUntil({ timeoutMs: 10_000 }, async () => {
      const left = await this.engineProcesses()
      for (const pid of left) killQuietly(pid)
      return left.length === 0 ? true : undefined
    })
    await rm(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    if (clean !== true) throw new Error(`engine processes are left in ${this.root}`)
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Waits until the driver tells `name`; an error it tells instead fails the test. */
export async function waitForEvent(
  driver: Driver,
  name: DriverEvent['event'],
  timeoutMs = 90_000,
): Promise<DriverEvent> {
  const found = await pollUntil({ timeoutMs }, async () => {
    const end = driver.events.find(({ event }) => event === name || event === 'error')
    return end ?? (driver.child.exitCode === null ? undefined : driver.events.at(-1))
  })
  if (found?.event !== name) throw new Error(`no "${name}", but ${JSON.stringify(driver.events)}`)
  return found
}

/** Stops the database of a driver the clean way and waits for its process to end. */
export async function stop(driver: Driver): Promise<DriverEvent> {
  const exited = once(driver.child, 'exit')
  driver.child.stdin!.write('stop\n')
  const stopped = await waitForEvent(driver, 'stopped')
  await exited
  return stopped
}

/** SIGKILL, and wait until the process is gone. */
export async function killDriver(driver: Driver): Promise<void> {
  const exited = once(driver.child, 'exit')
  driver.child.kill('SIGKILL')
  await exited
}

/** One statement in a session of its own. */
export async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = await connect(connectionString)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Writes the row that a later start must still have. */
export async function keepRow(connectionString: string): Promise<void> {
  await query(connectionString, 'create table kept as select 42 as answer')
}

/** What {@link keepRow} wrote: 42. */
export async function readKeptRow(connectionString: string): Promise<number | undefined> {
  const [row] = await query(connectionString, 'select answer from kept')
  return (row as { answer: number } | undefined)?.answer
}

/** A session that survives the death of its server as an object. */
export async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
