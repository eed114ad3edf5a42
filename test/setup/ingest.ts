import { randomUUID } from 'node:crypto'
import { openIngest } from '../../src/core/ingest/index.ts'
import type { Ingest, IngestOptions } from '../../src/core/ingest/index.ts'
import { openLedger } from '../../src/core/ledger/index.ts'
import type { Ledger } from '../../src/core/ledger/index.ts'
import { DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'
import type { Json } from '../../src/lib/json.ts'
import { now } from '../../src/lib/time.ts'
import type {
  AttributeType,
  Command,
  CommandResult,
  EventWrite,
  RawIdentifier,
  Unit,
} from '../../src/model/command.ts'
import type { ErrorCode } from '../../src/model/errors.ts'
import type { IdentifierKind } from '../../src/model/identity.ts'
import type { Workspace, WorkspaceSettings } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { openPartitions } from '../../src/storage/partitions.ts'

/** The write path over a test database, as one process has it. */
export interface WritePath {
  ingest: Ingest
  ledger: Ledger
  /** Errors that were ours to answer for, in order. */
  failures: unknown[]
  /** Stores a unit of one command that stands for itself, and gives what became of it. */
  write(workspace: Workspace, command: Command, overrides?: Partial<Unit>): Promise<Shown>
  /** Stores a unit and gives what became of each command. */
  submit(unit: Unit): Promise<Shown[]>
  close(): Promise<void>
}

/** What became of a command, as the default answer of {@link makeUnit} tells it. */
export interface Shown {
  ok: boolean
  profileId?: number
  eventId?: string
  duplicate?: boolean
  ignored?: string
  code?: ErrorCode
  pointer?: string
}

/** Opens ledger and ingest. Close it before the database. */
export async function openWritePath(
  db: Database,
  options: Partial<Pick<IngestOptions, 'requestTimeoutMs' | 'observe' | 'secretKey'>> = {},
): Promise<WritePath> {
  const failures: unknown[] = []
  const partitions = await openPartitions(db.background)
  const ledger = openLedger({
    db,
    ensurePartitions: (at) => partitions.ensureLogs(at),
    onLost: (_count, error) => failures.push(error),
  })
  const ingest = await openIngest({
    db,
    refusals: ledger,
    requestTimeoutMs: 5_000,
    onUnitFailed: (error) => failures.push(error),
    ...options,
  })
  const submit = async (unit: Unit): Promise<Shown[]> => (await ingest.submit(unit)).body as Shown[]
  return {
    ingest,
    ledger,
    failures,
    submit,
    write: async (workspace, command, overrides) => {
      const [shown] = await submit(makeUnit(workspace, [command], overrides))
      if (!shown) throw new Error('no result')
      return shown
    },
    close: async () => {
      await ingest.close()
      await ledger.close()
    },
  }
}

let workspaces = 0

/** A workspace that no other test of this file uses; the write path needs no row of it. */
export function makeWorkspace(settings: Partial<WorkspaceSettings> = {}): Workspace {
  const id = ++workspaces
  return { id, guid: randomUUID(), name: `Workspace ${id}`, settings: { ...DEFAULT_SETTINGS, ...settings } }
}

/** An identifier as sent. */
export function id(kind: IdentifierKind, value: string, label?: string): RawIdentifier {
  return label === undefined ? { kind, value } : { kind, value, label }
}

/** A userId as sent. */
export function userId(value: string): RawIdentifier {
  return id('userId', value)
}

/** A command about whoever these identifiers lead to; `parts` is what is now known. */
export function makeCommand(
  identifiers: RawIdentifier | readonly RawIdentifier[],
  parts: Partial<Omit<Command, 'attributes' | 'event'>> & {
    attributes?: Readonly<Record<string, Json>>
    types?: Readonly<Record<string, AttributeType>>
    event?: Partial<EventWrite>
  } = {},
): Command {
  const { attributes, types, event, ...rest } = parts
  const typing = types && { pointer: '/0', types, perTypeMax: 25 }
  return {
    identifiers: 'kind' in identifiers ? [identifiers] : identifiers,
    ...(attributes && { attributes: { values: attributes, ...(typing && { typing }) } }),
    ...(event && { event: { ...makeEvent(event), ...(typing && !attributes && { typing }) } }),
    pointer: '/0',
    item: { attributes, event },
    notices: [],
    ...rest,
  }
}

function makeEvent(event: Partial<EventWrite>): EventWrite {
  return { name: 'Visited', occurredAt: now(), properties: {}, ...event }
}

/** A unit as a dialect makes it; each command for itself unless `overrides` says otherwise. */
export function makeUnit(
  workspace: Workspace,
  commands: readonly Command[],
  overrides: Partial<Unit> = {},
): Unit {
  return {
    workspace,
    dialect: 'test',
    operation: 'write',
    credential: 'test:key',
    traceId: '0123456789abcdef0123456789abcdef',
    receivedAt: now(),
    atomic: 'each',
    bytes: 0,
    commands,
    dropped: [],
    answer: (results) => ({ status: 200, body: results.map(show) }),
    ...overrides,
  }
}

function show(result: CommandResult): Shown {
  if (!result.ok) return { ok: false, code: result.error.code, pointer: result.pointer }
  if ('ignored' in result) return { ok: true, ignored: result.ignored }
  const { profileId, eventId, duplicate } = result
  return { ok: true, profileId, duplicate, ...(eventId !== undefined && { eventId }) }
}
