import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'
import { INSTALLATION } from '../tags.ts'
import { identifierColumn, timeText } from './columns.ts'
import type { JoinedSet } from './columns.ts'

/** Which profiles a statement is about, as conditions. */
export interface Among {
  workspace: string
  /** The condition that a column holds one of their ids. */
  holds: (column: string) => string
}

/** A set that belongs to profiles, as a join to `p`; grouped before it is joined, so that each profile has one row. */
export function joinOf(set: JoinedSet, among: Among): string {
  const [name, key, sql] = SETS[set](among)
  return `left join ${sql} ${name} on ${name}.${key} = p.profile_id`
}

type Set = readonly [name: string, key: string, sql: string]

const SETS: Readonly<Record<JoinedSet, (among: Among) => Set>> = {
  merges: () => ['g', 'to_id', 'merged'],
  activity: ({ workspace, holds }) => {
    const where = `where a.workspace_id = ${workspace} and ${holds('a.profile_id')}`
    return ['a', 'profile_id', `(select a.profile_id, a.last_activity_at from profile_activity a ${where})`]
  },
  identifiers: (among) => ['i', 'profile_id', identifiersSql(among)],
  tags: ({ workspace, holds }) => [
    't',
    'profile_id',
    `(select s.profile_id, jsonb_agg(n.name order by n.name) as tags
        from tag_assignment s
        join tag n on n.workspace_id in (${workspace}, ${INSTALLATION}) and n.tag_id = s.tag_id and n.removal is null
       where s.workspace_id = ${workspace} and ${holds('s.profile_id')} group by s.profile_id)`,
  ],
  consents: (among) => ['c', 'profile_id', consentsSql(among)],
}

/** The profiles that were merged into those, by survivor: `merged`. Index profile_merge_to. */
export function mergedSql({ workspace, holds }: Among): string {
  return `merged as (
    select to_id, array_agg(from_id order by from_id) as ids from profile_merge
     where workspace_id = ${workspace} and ${holds('to_id')} group by to_id)`
}

/** The primary one first, then the one that was known first. */
const ORDER = 'order by h.is_primary desc, h.first_seen_at, h.value'

/** What parts the label of an alias from its id, as identifiers are stored. */
const ALIAS_PARTS = `'label', split_part(h.value, chr(31), 1), 'value', split_part(h.value, chr(31), 2)`

// Index identifier_profile.
function identifiersSql({ workspace, holds }: Among): string {
  const kinds = Object.keys(IDENTIFIER_KINDS) as IdentifierKind[]
  return `(select h.profile_id, ${kinds.map(kindSql).join(', ')},
        jsonb_agg(jsonb_build_object('kind', case h.kind ${kinds.map(kindName).join(' ')} end, 'source', h.source,
          'firstSeenAt', ${timeText('h.first_seen_at')}, 'isPrimary', h.is_primary)
          || case h.kind when ${IDENTIFIER_KINDS.alias.code} then jsonb_build_object(${ALIAS_PARTS})
             else jsonb_build_object('value', h.value) end order by h.first_seen_at, h.kind, h.value) as identifiers
       from identifier h where h.workspace_id = ${workspace} and ${holds('h.profile_id')} group by h.profile_id)`
}

function kindName(kind: IdentifierKind): string {
  return `when ${IDENTIFIER_KINDS[kind].code} then '${kind}'`
}

// An aggregate that nobody reads is left out by the planner.
function kindSql(kind: IdentifierKind): string {
  const { code, many } = IDENTIFIER_KINDS[kind]
  const value = kind === 'alias' ? `jsonb_build_object(${ALIAS_PARTS})` : 'h.value'
  const list = `${many ? 'jsonb_agg' : 'array_agg'}(${value} ${ORDER}) filter (where h.kind = ${code})`
  return `${many ? list : `(${list})[1]`} as ${identifierColumn(kind)}`
}

/** The answers that stand, by channel: the survivor's own, else the newest of those merged in, as reads have it. */
function consentsSql({ workspace, holds }: Among): string {
  const columns = 'e.channel, e.state, e.at, e.source, e.profile_id as origin_id'
  return `(select profile_id, jsonb_object_agg(channel,
        jsonb_build_object('state', state, 'at', ${timeText('at')}, 'source', source)) as consents
       from (
         select distinct on (profile_id, channel) * from (
           select e.profile_id, true as is_own, ${columns} from consent e
            where e.workspace_id = ${workspace} and ${holds('e.profile_id')}
           union all
           select g.to_id, false, ${columns} from merged g cross join unnest(g.ids) as ids(id)
             join consent e on e.workspace_id = ${workspace} and e.profile_id = ids.id) answers
          order by profile_id, channel, is_own desc, at desc, origin_id desc) standing
      group by profile_id)`
}
