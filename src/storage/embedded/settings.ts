import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'

/** What the settings depend on. */
export interface Machine {
  /** Memory that this process may use: the machine's or the container's. */
  memoryBytes: number
  /** Free space where the data directory lies. */
  diskFreeBytes: number
  /** Size of /dev/shm; 0 where there is none. */
  sharedMemoryBytes: number
}

const MIB = 1024 ** 2
/** Containers give /dev/shm 64 MiB, in which a parallel query ends with "no space left on device". */
const SHARED_MEMORY_MIN_BYTES = 256 * MIB
const SMALL_MACHINE_BYTES = 2048 * MIB

/** @param dataDir decides which file system's free space counts */
export async function inspectMachine(dataDir: string): Promise<Machine> {
  const disk = await statfs(dataDir)
  const shared = await statfs('/dev/shm').catch(() => undefined)
  const limit = process.constrainedMemory() || Number.MAX_SAFE_INTEGER
  return {
    memoryBytes: Math.min(totalmem(), limit),
    diskFreeBytes: disk.bavail * disk.bsize,
    sharedMemoryBytes: shared === undefined ? 0 : shared.blocks * shared.bsize,
  }
}

/**
 * PostgreSQL's settings for this machine. A sixth of the memory, not the usual quarter, is PostgreSQL's:
 * the server runs beside it. All that guards data (fsync, full_page_writes, synchronous_commit) stays on.
 * @param port TCP port on 127.0.0.1
 * @returns setting → value as PostgreSQL reads it
 */
export function settingsFor(machine: Machine, port: number): Record<string, string> {
  return {
    ...connectionSettings(port),
    ...memorySettings(machine),
    ...walSettings(machine),
    ...FIXED_SETTINGS,
  }
}

/** No Unix socket: its path has a length limit, and TCP with a password is enough. */
function connectionSettings(port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '60',
  }
}

function memorySettings(machine: Machine): Record<string, string> {
  const sharedMib = clamp(machine.memoryBytes / 6 / MIB, { min: 128, max: 4096 })
  const cacheMib = clamp(machine.memoryBytes / 2 / MIB, { min: 256, max: 64 * 1024 })
  const maintenanceMib = clamp(machine.memoryBytes / 32 / MIB, { min: 64, max: 512 })
  return {
    shared_buffers: `${sharedMib}MB`,
    effective_cache_size: `${cacheMib}MB`,
    maintenance_work_mem: `${maintenanceMib}MB`,
    work_mem: machine.memoryBytes < SMALL_MACHINE_BYTES ? '8MB' : '32MB',
    dynamic_shared_memory_type: machine.sharedMemoryBytes < SHARED_MEMORY_MIN_BYTES ? 'mmap' : 'posix',
  }
}

/** Room for long checkpoint intervals, but never more than a tenth of what is free. */
function walSettings(machine: Machine): Record<string, string> {
  const maxMib = clamp(machine.diskFreeBytes / 10 / MIB, { min: 256, max: 8192 })
  return {
    max_wal_size: `${maxMib}MB`,
    min_wal_size: `${clamp(maxMib / 4, { min: 64, max: 1024 })}MB`,
    wal_buffers: machine.memoryBytes < SMALL_MACHINE_BYTES ? '16MB' : '64MB',
    checkpoint_timeout: '15min',
  }
}

function clamp(value: number, range: { min: number; max: number }): number {
  return Math.floor(Math.min(Math.max(value, range.min), range.max))
}

const FIXED_SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  // Tables that are only appended to are due by inserts; early, so that index-only scans stay index-only.
  autovacuum_vacuum_insert_scale_factor: '0.05',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.02',
  autovacuum_vacuum_cost_limit: '1000',
  // Warnings and worse, without the statements and values in them: those may be personal data.
  logging_collector: 'off',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
} as const satisfies Record<string, string>
