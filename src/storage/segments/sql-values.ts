import type { Statement } from './statement.ts'
import { momentOf, numberOf } from './stored-values.ts'

/**
 * A value in a statement, null where there is none. `json` holds no JSON null; the others are `numeric`, `text` and
 * `boolean` of PostgreSQL.
 */
export interface SqlValue {
  sql: string
  type: 'number' | 'text' | 'boolean' | 'json'
}

/** As `jsonb`. A number is written without zeros at its end, so that equal ones look the same. */
export function asJson({ sql, type }: SqlValue): string {
  if (type === 'json') return sql
  return type === 'number' ? `to_jsonb(trim_scale(${sql}))` : `to_jsonb(${sql})`
}

/** Nothing, of a value that is never of the wanted type; it stays in the text, because PostgreSQL refuses unused parameters. */
function nothing(value: string, type: 'numeric' | 'text' | 'boolean'): string {
  return `case when (${value}) is null then null::${type} end`
}

/** As `numeric`: a number, or a text that is written as one. */
export function asNumber(statement: Statement, value: SqlValue): string {
  if (value.type === 'number') return value.sql
  return value.type === 'boolean' ? nothing(value.sql, 'numeric') : statement.bind(asJson(value), numberOf)
}

/** As `text`: nothing but texts. */
export function asText(statement: Statement, { sql, type }: SqlValue): string {
  if (type === 'text') return sql
  if (type !== 'json') return nothing(sql, 'text')
  return statement.bind(sql, (json) => `case when jsonb_typeof(${json}) = 'string' then ${json} #>> '{}' end`)
}

/** As `boolean`: nothing but true and false. */
export function asBoolean(statement: Statement, { sql, type }: SqlValue): string {
  if (type === 'boolean') return sql
  if (type !== 'json') return nothing(sql, 'boolean')
  return statement.bind(
    sql,
    (json) => `case when jsonb_typeof(${json}) = 'boolean' then ${json}::boolean end`,
  )
}

/** As `timestamptz`: a text that is a date or a date and time. */
export function asMoment(statement: Statement, value: SqlValue): string {
  return statement.bind(asJson(value), (json) => momentOf(json, statement.timezone))
}

/** Numbers and truth values in the words of JSON, texts as they are; lists and objects are none. */
export function spell(statement: Statement, { sql, type }: SqlValue): string {
  if (type === 'text') return sql
  if (type === 'number') return `trim_scale(${sql})::text`
  if (type === 'boolean') return `${sql}::text`
  return statement.bind(
    sql,
    (json) => `case jsonb_typeof(${json}) when 'number' then trim_scale(${json}::numeric)::text
      when 'string' then ${json} #>> '{}' when 'boolean' then ${json} #>> '{}' end`,
  )
}
