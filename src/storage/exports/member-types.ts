import type { Transaction } from '../db.ts'
import type { ColumnType, MemberTypes } from './columns.ts'
import { Parameters } from './parameters.ts'
import { eventSource } from './rows.ts'
import type { RowQuery } from './rows.ts'

/** What a member of a JSON object may be, as bits of what was seen. */
const SEEN = { number: 1, boolean: 2, text: 4, json: 8 } as const

/**
 * The types of single members over all rows that an export may hold, for a file that has types: a member whose values are of
 * several types, or are lists and objects, is `json`. One pass over the rows.
 */
export async function findMemberTypes(
  tx: Transaction,
  query: Pick<RowQuery, 'workspaceId' | 'content'>,
): Promise<MemberTypes> {
  const parameters = new Parameters()
  const members = query.content.columns.filter((column) => column.source === 'member')
  if (members.length === 0) return new Map()
  const seen = members.map(({ of, member }) => {
    const object = of === 'attributes' ? 'p.attributes' : 'e.properties'
    const type = `jsonb_typeof(${object} -> ${parameters.add(member, 'text')})`
    return `bit_or(case ${type} when 'number' then ${SEEN.number} when 'boolean' then ${SEEN.boolean}
      when 'string' then ${SEEN.text} when 'null' then 0 else ${SEEN.json} end) filter (where ${type} is not null)`
  })
  const { workspaceId, content } = query
  const source =
    content.kind === 'events'
      ? eventSource({ workspaceId, content }, parameters)
      : `from profile p where p.workspace_id = ${parameters.add(workspaceId, 'integer')}`
  const found = await tx.query<(number | null)[]>({
    text: `select ${seen.join(', ')} ${source}`,
    values: parameters.values,
    rowMode: 'array',
  })
  const [bits = []] = found.rows
  return new Map(members.map(({ name }, index) => [name, typeOf(bits[index] ?? 0)]))
}

function typeOf(bits: number): ColumnType {
  if (bits === SEEN.number) return 'number'
  if (bits === SEEN.boolean) return 'boolean'
  return bits === SEEN.text || bits === 0 ? 'text' : 'json'
}
