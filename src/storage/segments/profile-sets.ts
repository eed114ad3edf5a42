import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { CompanyCondition, Condition, DeviceCondition, DeviceField } from '../../model/segment.ts'
import { INSTALLATION } from '../tags.ts'
import { rowsOf } from './statement.ts'
import type { Statement } from './statement.ts'
import { testValue } from './value-tests.ts'

/** Whether a person has a tag, the workspace's or the installation's; a merged profile's own tags do not count. */
export function tagCondition(statement: Statement, name: string): string {
  const { workspace } = statement
  return statement.join(`select a.profile_id from tag t
      join tag_assignment a on a.workspace_id = ${workspace} and a.tag_id = t.tag_id
     where t.workspace_id in (${workspace}, ${INSTALLATION}) and t.removal is null
       and t.name = ${statement.parameter(name, 'text')} group by 1`)
}

/** Whether this answer stands for a channel: the survivor's own, else the newest of those merged in, as reads have it. */
export function consentCondition(
  statement: Statement,
  { channel, state }: Extract<Condition, { type: 'consent' }>,
): string {
  const { living, from, isOwn } = rowsOf(statement, 'consent')
  const standing = `select distinct on (1) ${living} as profile_id, e.state ${from}
       and e.channel = ${statement.parameter(channel, 'text')}
     order by 1, (${isOwn}) desc, e.at desc, e.profile_id desc`
  const states = state === 'unknown' ? ['granted', 'denied'] : [state]
  const isGiven = statement.join(
    `select profile_id from (${standing}) standing where state = any(${statement.parameter(states, 'text[]')})`,
  )
  // Whoever never answered has no row.
  return state === 'unknown' ? `not (${isGiven})` : isGiven
}

/** Whether a profile is a company, or belongs to one by the newest word. */
export function companyCondition(statement: Statement, condition: CompanyCondition): string {
  if (condition.role === 'company') {
    const { living, from } = rowsOf(statement, 'company')
    return statement.join(`select distinct ${living} as profile_id ${from}`)
  }
  const { living, from } = rowsOf(statement, 'company_relation')
  const newest = `select distinct on (1) ${living} as profile_id, e.company_id ${from}
     order by 1, e.at desc, e.profile_id desc`
  if (condition.companyId === undefined) return statement.join(`select profile_id from (${newest}) newest`)
  const company = statement.parameter(condition.companyId, 'bigint')
  return statement.join(`select profile_id from (${newest}) newest
     where ${survivorOf(statement, 'newest.company_id')} = ${survivorOf(statement, company)}`)
}

/** The living profile that an id leads to. Primary key of profile_merge. */
function survivorOf({ workspace }: Statement, id: string): string {
  return `coalesce((select o.to_id from profile_merge o where o.workspace_id = ${workspace} and o.from_id = ${id}), ${id})`
}

const KNOWING_KINDS = [IDENTIFIER_KINDS.userId.code, IDENTIFIER_KINDS.email.code, IDENTIFIER_KINDS.phone.code]

/** Whether nobody knows who a person is. Index identifier_profile among some profiles. */
export function anonymousCondition(statement: Statement): string {
  const { workspace, scope } = statement
  const among = scope.profileIds ? ' and i.profile_id in (select member.profile_id from member)' : ''
  const isIdentified = statement.join(`select distinct i.profile_id from identifier i
     where i.workspace_id = ${workspace} and i.kind in (${KNOWING_KINDS.join(', ')})${among}`)
  const isReachable = ['email', 'phone'].map((name) =>
    testValue(statement, `(p.attributes -> '${name}')`, { operator: 'exists' }),
  )
  return `not (${[isIdentified, ...isReachable].join(' or ')})`
}

/** The columns of a device, `e`, that definitions name. */
export const DEVICE_COLUMNS = {
  type: 'e.type',
  manufacturer: 'e.manufacturer',
  model: 'e.model',
  osVersion: 'e.os_version',
  product: 'e.product',
  screenHeight: 'e.screen_height',
  screenWidth: 'e.screen_width',
} as const satisfies Record<DeviceField, string>

/** Whether a person has a device of which all filters hold. */
export function deviceCondition(statement: Statement, { filters = [] }: DeviceCondition): string {
  const { living, from } = rowsOf(statement, 'device')
  const passed = filters.map((filter) =>
    testValue(statement, `to_jsonb(${DEVICE_COLUMNS[filter.name]})`, filter),
  )
  return statement.join(`select distinct ${living} as profile_id ${[from, ...passed].join(' and ')}`)
}
