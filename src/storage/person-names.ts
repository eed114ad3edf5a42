import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

// By primary key, index profile_merge_to, index account_profile, and the primary key of profile_change.
const findContacts = prepared<{ value: string }>(
  'person-contacts',
  `with own as (
     select a.attributes from profile a where a.workspace_id = $1 and a.profile_id = any($2::bigint[])
     union all
     select m.undo -> 'attributes' from profile_merge m where m.workspace_id = $1 and m.from_id = any($2::bigint[])),
   found as (
     select own.attributes ->> k as value from own, unnest($3::text[]) k
     union
     select unnest(array[email, custom_id]) from account where workspace_id = $1 and profile_id = any($2::bigint[])
     union
     select v #>> '{}' from profile_change c, unnest($3::text[]) k, jsonb_array_elements(c.diff -> k) v
      where c.workspace_id = $1 and c.profile_id = any($2::bigint[]) and jsonb_typeof(c.diff -> k) = 'array')
   select value from found where value is not null and value <> ''`,
)

/**
 * What a person was reached by, as it was written: now, before a merge, and before it changed.
 * @param attributes names of the attributes that hold it
 */
export async function findContactTexts(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
  attributes: readonly string[],
): Promise<string[]> {
  return (await findContacts(db, [workspaceId, profileIds, attributes])).map(({ value }) => value)
}

const findAccounts = prepared<{ account_id: string }>(
  'person-accounts',
  'select account_id from account where workspace_id = $1 and profile_id = any($2::bigint[])',
)

/** Ids of a person's accounts, deleted ones too. */
export async function findAccountIds(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<string[]> {
  return (await findAccounts(db, [workspaceId, profileIds])).map((row) => row.account_id)
}

// Index message_recipient.
const deleteMessageRows = prepared<{ message_id: string }>(
  'person-messages-delete',
  'delete from message where workspace_id = $1 and lower(recipient) = any($2::text[]) returning message_id',
)

/** Forgets the messages to these addresses, in lower case, whatever became of them. */
export async function deleteMessagesTo(
  tx: Transaction,
  workspaceId: number,
  addresses: readonly string[],
): Promise<number> {
  return (await deleteMessageRows(tx, [workspaceId, addresses])).length
}

// Primary key, as far as the workspace: a code lives for hours.
const deleteCodes = prepared<{ subject: string }>(
  'person-codes-delete',
  `delete from one_time_code where workspace_id = $1
      and (lower(subject) = any($2::text[])
           or exists (select from jsonb_path_query(payload::jsonb, 'strict $.**') part
                       where jsonb_typeof(part) = 'string' and lower(part #>> '{}') = any($2::text[])))
   returning subject`,
)

/** Ends the one-time codes for these subjects, in lower case, and those whose payload has one of them as a text. */
export async function deleteCodesOf(
  tx: Transaction,
  workspaceId: number,
  subjects: readonly string[],
): Promise<number> {
  return (await deleteCodes(tx, [workspaceId, subjects])).length
}
