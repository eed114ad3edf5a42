import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Who acted: a user, an api key, somebody at the command line, or the configuration file. */
export type ActorKind = 'user' | 'key' | 'cli' | 'config'

/** An administrative act. */
export interface AuditRow {
  auditId: string
  at: Instant
  /** Undefined for an act upon the installation. */
  workspaceId: number | undefined
  actorKind: ActorKind
  /** Names the actor without a secret. */
  actor: string
  /** Such as `user.disable`. */
  action: string
  /** What it was done to, such as `user 3`. */
  object: string
  /** More about it; holds no secrets. */
  detail: object
  address: string | undefined
  traceId: string | undefined
}

/** Which acts to find. `from` inclusive, `to` exclusive. */
export interface AuditQuery {
  /** Undefined finds those of all workspaces and of the installation. */
  workspaceId: number | undefined
  from: Instant
  to: Instant
  action: string | undefined
  actor: string | undefined
  after: { at: Instant; id: string } | undefined
  limit: number
}

interface StoredAudit {
  audit_id: string
  at: Date
  workspace_id: number | null
  actor_kind: ActorKind
  actor: string
  action: string
  object: string
  detail: object
  address: string | null
  trace_id: string | null
}

const COLUMNS = 'audit_id, at, workspace_id, actor_kind, actor, action, object, detail, address, trace_id'

const insertNew = prepared(
  'audit-insert',
  `insert into audit_log (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)`,
)

const FILTERS = `at >= $1::timestamptz and at < $2::timestamptz
      and at <= $3::timestamptz and (at, audit_id) < ($3::timestamptz, $4::uuid)
      and ($5::text is null or action = $5::text) and ($6::text is null or actor = $6::text)
    order by at desc, audit_id desc
    limit $7`

// Index audit_log_time.
const findAll = prepared<StoredAudit>('audit-find-all', `select ${COLUMNS} from audit_log where ${FILTERS}`)

// Index audit_log_workspace.
const findOfWorkspace = prepared<StoredAudit>(
  'audit-find-of-workspace',
  `select ${COLUMNS} from audit_log where workspace_id = $8::integer and ${FILTERS}`,
)

/** Writes an act down. */
export async function insertAudit(db: Queryable, row: AuditRow): Promise<void> {
  await insertNew(db, [
    row.auditId,
    toRfc3339(row.at),
    row.workspaceId ?? null,
    row.actorKind,
    row.actor,
    row.action,
    row.object,
    JSON.stringify(row.detail),
    row.address ?? null,
    row.traceId ?? null,
  ])
}

/** Acts, newest first. */
export async function findAudit(db: Queryable, query: AuditQuery): Promise<AuditRow[]> {
  const values = [
    toRfc3339(query.from),
    toRfc3339(query.to),
    toRfc3339(query.after?.at ?? query.to),
    query.after?.id ?? LARGEST_UUID,
    query.action ?? null,
    query.actor ?? null,
    query.limit,
  ]
  const { workspaceId } = query
  const rows =
    workspaceId === undefined
      ? await findAll(db, values)
      : await findOfWorkspace(db, [...values, workspaceId])
  return rows.map(fromStored)
}

function fromStored(row: StoredAudit): AuditRow {
  return {
    auditId: row.audit_id,
    at: row.at.getTime(),
    workspaceId: row.workspace_id ?? undefined,
    actorKind: row.actor_kind,
    actor: row.actor,
    action: row.action,
    object: row.object,
    detail: row.detail,
    address: row.address ?? undefined,
    traceId: row.trace_id ?? undefined,
  }
}
