import type { Pool, PoolClient } from 'pg'
import { IDENTIFIER_KINDS } from '../model/identity.ts'
import { connect, rollback } from './db.ts'

/** Whose data to read. */
export interface ReportQuery {
  workspaceId: number
  /** The living profile first, then those that were merged into it. */
  profileIds: readonly number[]
  /** Hashes of identifiers, as the ledger keeps them. */
  hashes: readonly Buffer[]
  /** Where messages went, in lower case. */
  addresses: readonly string[]
}

/** Some rows of a section as JSON texts; a section without rows comes once, with none. */
export interface ReportPart {
  section: string
  rows: readonly string[]
}

const time = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const KIND = `case kind ${Object.entries(IDENTIFIER_KINDS)
  .map(([kind, { code }]) => `when ${code} then '${kind}'`)
  .join(' ')} end`

const OWN = 'workspace_id = $1 and profile_id = any($2::bigint[])'

/**
 * What is held of a person, by section, each by key or by index but the ledger, which has no index of people and is forgotten soon.
 * $1 workspace, $2 profiles; some have $3.
 */
const SECTIONS: readonly {
  section: string
  sql: string
  third?: (query: ReportQuery) => unknown
}[] = [
  {
    section: 'profile',
    sql: `select json_build_object('id', profile_id, 'attributes', attributes, 'createdAt', ${time('created_at')},
                 'updatedAt', ${time('updated_at')}) as row from profile where ${OWN}`,
  },
  {
    section: 'identifiers',
    sql: `select json_strip_nulls(json_build_object('kind', ${KIND},
                 'label', case when strpos(value, chr(31)) > 0 then split_part(value, chr(31), 1) end,
                 'value', case when strpos(value, chr(31)) > 0 then split_part(value, chr(31), 2) else value end,
                 'source', source, 'firstSeenAt', ${time('first_seen_at')}, 'isPrimary', is_primary)) as row
            from identifier where ${OWN} order by kind, value`,
  },
  {
    section: 'merges',
    sql: `select json_build_object('profileId', from_id, 'at', ${time('at')}, 'by', by, 'before', undo) as row
            from profile_merge where workspace_id = $1 and from_id = any($2::bigint[]) order by at`,
  },
  {
    section: 'consents',
    sql: `select json_build_object('channel', channel, 'state', state, 'at', ${time('at')}, 'source', source) as row
            from consent where ${OWN} order by channel, at`,
  },
  {
    section: 'tags',
    sql: `select json_build_object('name', t.name, 'at', ${time('a.at')}) as row
            from tag_assignment a join tag t on t.tag_id = a.tag_id and t.workspace_id in (0, a.workspace_id)
           where a.${OWN.replace('profile_id', 'a.profile_id')} order by t.name`,
  },
  {
    section: 'companies',
    sql: `select json_build_object('companyId', company_id, 'at', ${time('at')}, 'source', source) as row
            from company_relation where ${OWN}`,
  },
  {
    section: 'segments',
    sql: `select distinct jsonb_build_object('id', s.segment_id, 'name', s.name, 'since', ${time('m.since')}) as row
            from segment_member m join segment s on s.workspace_id = m.workspace_id and s.segment_id = m.segment_id
           where m.${OWN.replace('profile_id', 'm.profile_id')}`,
  },
  {
    section: 'devices',
    sql: `select jsonb_strip_nulls(to_jsonb(d) - array['workspace_id', 'profile_id', 'origin_profile_id']) as row
            from device d where ${OWN} order by linked_at`,
  },
  {
    section: 'notes',
    sql: `select json_build_object('id', note_id, 'subject', subject, 'body', body, 'createdAt', ${time('created_at')},
                 'createdBy', created_by, 'updatedAt', ${time('updated_at')}, 'updatedBy', updated_by) as row
            from note where ${OWN} order by created_at`,
  },
  {
    section: 'accounts',
    sql: `select json_build_object('email', email, 'customId', custom_id, 'state', state,
                 'createdAt', ${time('created_at')}, 'deletedAt', ${time('deleted_at')}) as row
            from account where ${OWN} order by created_at`,
  },
  {
    section: 'sessions',
    sql: `select json_build_object('kind', kind, 'deviceId', device_id, 'createdAt', ${time('created_at')},
                 'expiresAt', ${time('expires_at')}, 'endedAt', ${time('ended_at')}) as row
            from session where ${OWN} order by created_at`,
  },
  {
    section: 'sources',
    sql: `select json_build_object('source', source, 'events', count(*), 'firstReceivedAt', ${time('min(received_at)')},
                 'lastReceivedAt', ${time('max(received_at)')}) as row
            from event where ${OWN} group by source order by source`,
  },
  {
    section: 'changes',
    sql: `select json_build_object('at', ${time('at')}, 'dialect', dialect, 'credential', credential, 'diff', diff) as row
            from profile_change where ${OWN} order by at`,
  },
  {
    section: 'events',
    sql: `select json_build_object('id', event_id, 'name', name, 'occurredAt', ${time('occurred_at')},
                 'receivedAt', ${time('received_at')}, 'source', source, 'properties', properties) as row
            from event where ${OWN} order by occurred_at`,
  },
  {
    section: 'transactions',
    sql: `select json_build_object('orderId', order_id, 'occurredAt', ${time('occurred_at')}, 'source', source,
                 'currency', currency, 'value', value::text, 'revenue', revenue::text, 'discount', discount::text,
                 'paymentMethod', payment_method, 'lines', lines) as row
            from transaction where ${OWN} order by occurred_at`,
  },
  {
    section: 'messages',
    sql: `select json_build_object('channel', channel, 'template', template, 'recipient', recipient, 'subject', subject,
                 'state', state, 'createdAt', ${time('created_at')}, 'sentAt', ${time('sent_at')}) as row
            from message where workspace_id = $1 and $2::bigint[] is not null and lower(recipient) = any($3::text[])
           order by created_at`,
    third: ({ addresses }) => addresses,
  },
  {
    section: 'ledger',
    sql: `select json_build_object('at', ${time('at')}, 'dialect', dialect, 'operation', operation, 'reason', reason,
                 'pointer', pointer, 'item', item) as row
            from rejection where workspace_id = $1
             and (profile_id = any($2::bigint[]) or identifier_hashes && $3::bytea[]) order by at`,
    third: ({ hashes }) => hashes,
  },
]

/** Rows that are read at a time: some hundred kilobytes. */
const ROWS_PER_READ = 200

/**
 * Reads everything that is held of a person, as it was at one instant, in constant memory. A reader that stands still for a minute is
 * cut off by the database.
 */
export async function* readReport(pool: Pool, query: ReportQuery): AsyncGenerator<ReportPart> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    await client.query('begin transaction isolation level repeatable read, read only')
    await client.query(`set local statement_timeout = '60s'`)
    for (const section of SECTIONS) yield* readSection(client, section, query)
  } finally {
    // Also where the reader has gone: nothing was written.
    broken = await rollback(client, undefined)
    client.release(broken)
  }
}

async function* readSection(
  client: PoolClient,
  { section, sql, third }: (typeof SECTIONS)[number],
  query: ReportQuery,
): AsyncGenerator<ReportPart> {
  const values = [query.workspaceId, query.profileIds, ...(third ? [third(query)] : [])]
  await client.query(`declare report no scroll cursor for select r.row::text as row from (${sql}) r`, values)
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await client.query<{ row: string }>(`fetch ${ROWS_PER_READ} from report`)
    if (isFirst || rows.length > 0) yield { section, rows: rows.map(({ row }) => row) }
    if (rows.length < ROWS_PER_READ) break
  }
  await client.query('close report')
}
