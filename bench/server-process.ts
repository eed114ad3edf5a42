import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The built program. */
export const MAIN = new URL('../../../dist/main.js', import.meta.url)
const PACKAGE = new URL('../../../package.json', import.meta.url)

/** Node's options of `npm start`: the benchmark measures what an operator runs. */
export const NODE_OPTIONS = readFileSync(PACKAGE, 'utf8').match(/--m\w+-semi-space-size=\d+/g) ?? []

/** Credentials of the benchmark's workspace. */
export const CREDENTIALS = {
  licenseCode: 'bench',
  key: 'bench-webengage-key',
  nativeKey: 'tk_bench_native_key',
  guid: '5b1d7c1e-0f0e-4f2a-9c39-0c5f3c1d2e3f',
  syneriseKey: 'bench-workspace-key',
  profileKey: 'bench-profile-key',
  pyzeKey: 'bench-pyze-key',
  pyzeAppKey: 'bench-pyze-app-key',
}

/** The server as its own process, as an operator runs it: full write path, one log line a request into a file. */
export interface ServerProcess {
  url: string
  /** From spawning the process to its first ready answer, milliseconds. */
  readyMs: number
  /** Resident memory, MiB. */
  residentMib(): number
  stop(): Promise<void>
}

/** Starts the built server in a data directory. */
export async function startServer(dataDir: string): Promise<ServerProcess> {
  const config = join(dataDir, '..', 'bench.json')
  writeFileSync(config, JSON.stringify(CONFIG))
  const port = await freePort()
  const startedMs = performance.now()
  const env = {
    ...process.env,
    TRIBUTARY_DATA_DIR: dataDir,
    TRIBUTARY_CONFIG: config,
    PORT: String(port),
    TRUST_PROXY: 'loopback',
  }
  // Straight into a file: a pipe would make the load generator carry the server's log.
  const log = openSync(join(dataDir, '..', 'server.log'), 'a')
  const child = spawn(process.execPath, [...NODE_OPTIONS, MAIN.pathname, 'serve'], {
    env,
    stdio: ['ignore', log, 'inherit'],
  })
  closeSync(log)
  const url = `http://127.0.0.1:${port}`
  await untilReady(url, child)
  const readyMs = performance.now() - startedMs
  return { url, readyMs, residentMib: () => residentMib(child.pid ?? 0), stop: () => stop(child) }
}

const CONFIG = {
  workspaces: [
    {
      name: 'Bench',
      guid: CREDENTIALS.guid,
      apiKeys: [
        { scope: 'native', key: CREDENTIALS.nativeKey, permissions: ['*'] },
        { scope: 'workspace', key: CREDENTIALS.syneriseKey },
        { scope: 'profile', key: CREDENTIALS.profileKey },
      ],
      pyze: { appKeys: [CREDENTIALS.pyzeAppKey], apiKeys: [CREDENTIALS.pyzeKey] },
      webengage: {
        licenseCode: CREDENTIALS.licenseCode,
        apiKeys: [CREDENTIALS.key],
        requestsPerMinute: 0,
        singleRequestsPerMinute: 0,
      },
    },
  ],
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await delay(10)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

function residentMib(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

/** The most resident memory that a process had until now, MiB; undefined when it has ended. */
export function peakMib(pid: number): number | undefined {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return kib === undefined ? undefined : Number(kib) / 1024
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}
