import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Caller } from '../../model/workspace.ts'
import { findAudit, insertAudit } from '../../storage/audit.ts'
import type { ActorKind, AuditRow } from '../../storage/audit.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, InTransaction, Queryable, Transaction } from '../../storage/db.ts'

/** Who acts, and on which request. */
export interface Actor {
  kind: ActorKind
  /** Names the actor without a secret: an e-mail, the prefix of a key. */
  label: string
  address?: string | undefined
  traceId?: string | undefined
  /** Runs what it does; once only where its request has an Idempotency-Key. */
  run?: InTransaction | undefined
}

/**
 * Does an administrative act in one transaction.
 * @param work gives what survives JSON unchanged, and more than nothing
 */
export function act<Outcome>(
  db: Database,
  { run }: Pick<Actor, 'run'>,
  work: (tx: Transaction) => Promise<Outcome>,
): Promise<Outcome> {
  return run ? run(work) : guarded(() => inTransaction(db.background, work))
}

/** What was done. */
export interface Act {
  actor: Actor
  /** Undefined for an act upon the installation. */
  workspaceId?: number | undefined
  /** Object and verb, such as `user.disable`. */
  action: string
  /** What it was done to: its id, or its name where that is its key. */
  object: string | number
  /** Names and numbers that say more; never a secret. */
  detail?: object
}

/** Whoever may start a command on the server's machine. */
export const COMMAND_LINE: Actor = { kind: 'cli', label: 'command line' }

/** The configuration file. */
export const CONFIGURATION: Actor = { kind: 'config', label: 'configuration file' }

/** The actor behind a request's credential. */
export function actorOfCaller({ person, label }: Caller, address?: string, traceId?: string): Actor {
  const named =
    person?.kind === 'user' ? { kind: 'user' as const, label: person.email } : { kind: 'key' as const, label }
  return { ...named, address, traceId }
}

/** Writes an act down, in the transaction that does it: what is rolled back was not done. */
export async function record(
  db: Queryable,
  { actor, workspaceId, action, object, detail = {} }: Act,
): Promise<void> {
  await insertAudit(db, {
    auditId: newUuid(),
    at: now(),
    workspaceId,
    actorKind: actor.kind,
    actor: actor.label,
    action,
    object: String(object),
    detail,
    address: actor.address,
    traceId: actor.traceId,
  })
}

/** What to list. `from` inclusive, `to` exclusive. */
export interface AuditList {
  /** Undefined lists those of all workspaces and of the installation. */
  workspaceId: number | undefined
  from: Instant
  to: Instant
  action: string | undefined
  actor: string | undefined
  cursor: string | undefined
  limit: number
}

/** Acts, newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
export async function listAudit(db: Database, list: AuditList): Promise<Page<AuditRow>> {
  const after = readPlace(list.cursor)
  const rows = await guarded(() => findAudit(db.general, { ...list, after, limit: list.limit + 1 }))
  return pageOf(
    rows,
    list.limit,
    ({ at, auditId: id }) => ({ at, id }),
    (row) => row,
  )
}
