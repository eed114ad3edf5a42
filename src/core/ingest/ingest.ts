import { CdpError } from '../../model/errors.ts'
import type { Answer, Unit } from '../../model/command.ts'
import { FLUSHERS, storageUnavailable } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { openIdSource } from '../../storage/id-blocks.ts'
import { openPartitions } from '../../storage/partitions.ts'
import type { Ledger } from '../ledger/index.ts'
import { openTombstones } from '../tombstones/index.ts'
import { DefinitionCache } from './definitions.ts'
import { DictionaryCache } from './dictionary.ts'
import { hashKey } from './flush.ts'
import { runFlusher } from './flusher.ts'
import { Outage } from './outage.ts'
import type { PipelineContext } from './pipeline.ts'
import { IngestQueue } from './queue.ts'
import { prepareUnit } from './storable.ts'

/** The write path of one process. */
export interface Ingest {
  /**
   * Stores a unit. The answer is given after the commit that makes it durable and readable.
   * @throws CdpError whatever refuses the unit; then nothing of it is stored
   */
  submit(unit: Unit): Promise<Answer>
  /** Commands that wait for a transaction. */
  readonly queuedCommands: number
  /** Whether a further unit would be refused. */
  readonly isFull: boolean
  /** Whether a large unit would most likely be refused. */
  readonly isCrowded: boolean
  /** Takes no more units, waits until every accepted one is answered. */
  close(): Promise<void>
}

/** What the write path needs. */
export interface IngestOptions {
  db: Database
  refusals: Ledger
  requestTimeoutMs: number
  /** 32 bytes: opens the keys of workspaces with tombstones. Without it no workspace may have one. */
  secretKey?: Buffer
  /** Told of a unit that fails for a reason that is ours. */
  onUnitFailed: (error: unknown, unit: Unit) => void
  /** See {@link PipelineContext}. */
  observe?: PipelineContext['observe']
  /** See {@link PipelineContext}. */
  observeStep?: PipelineContext['observeStep']
}

/** Opens the write path and starts its flushers. */
export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const queue = new IngestQueue()
  const partitions = await openPartitions(options.db.background)
  const shared = {
    db: options.db,
    queue,
    partitions,
    refusals: options.refusals,
    requestTimeoutMs: options.requestTimeoutMs,
    outage: new Outage((cause) => queue.refuseWaiting(storageUnavailable(cause))),
    pace: { commitMs: 0 },
    definitions: new DefinitionCache(),
    dictionary: new DictionaryCache(),
    profileIds: openIdSource(options.db.background, 'profile'),
    tagIds: openIdSource(options.db.background, 'tag'),
    tombstones: openTombstones(options.secretKey),
    onUnitFailed: (error: unknown, { unit }: { unit: Unit }) => options.onUnitFailed(error, unit),
    ...(options.observe && { observe: options.observe }),
    ...(options.observeStep && { observeStep: options.observeStep }),
  }
  const flushers = Array.from({ length: FLUSHERS }, (_, number) =>
    runFlusher({ ...shared, ledger: options.refusals.recorder(`${process.pid}-flusher-${number}`) }),
  )
  const inFlight = new Set<string>()
  return {
    submit: (unit) => submit(queue, inFlight, unit),
    get queuedCommands() {
      return queue.commands
    },
    get isFull() {
      return queue.isFull
    },
    get isCrowded() {
      return queue.isCrowded
    },
    close: async () => {
      queue.close()
      await Promise.all(flushers)
    },
  }
}

async function submit(queue: IngestQueue, inFlight: Set<string>, unit: Unit): Promise<Answer> {
  const prepared = prepareUnit(unit)
  const key = prepared.idempotency && hashKey(unit.workspace.id, prepared.idempotency.keyHash)
  if (key !== undefined && inFlight.has(key)) throw new CdpError('CDP_IDEMPOTENCY_IN_FLIGHT')
  if (key !== undefined) inFlight.add(key)
  try {
    return await new Promise<Answer>((resolve, reject) => {
      queue.add({ prepared, enqueuedMs: performance.now(), resolve, reject })
    })
  } finally {
    if (key !== undefined) inFlight.delete(key)
  }
}
