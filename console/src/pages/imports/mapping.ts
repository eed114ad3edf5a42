/** What the rows of a file are. */
export type RowType = 'profiles' | 'events' | 'transactions'

/** Where a column goes, and as what; an empty target leaves it out. */
export interface ColumnMapping {
  column: string
  target: string
  valueType: string
}

/** What a value may be read as; empty: as it stands. */
export const VALUE_TYPES = ['text', 'number', 'boolean', 'json', 'unix'] as const

const IDENTIFIERS = ['userId', 'email', 'phone', 'uuid', 'anonymousId', 'deviceId']

const OF_EVENTS = ['name', 'occurredAt', 'messageId']

const OF_TRANSACTIONS = [
  'orderId',
  'currency',
  'value',
  'revenue',
  'discount',
  'paymentMethod',
  'sku',
  'productName',
  'quantity',
  'unitPrice',
]

/** Targets with a name of their own, for rows of a type. */
export function targetsOf(type: RowType): string[] {
  if (type === 'profiles') return [...IDENTIFIERS, 'tags']
  return type === 'events'
    ? [...IDENTIFIERS, ...OF_EVENTS, 'tags']
    : [...IDENTIFIERS, ...OF_EVENTS, ...OF_TRANSACTIONS, 'tags']
}

/** Names that files give to what has a target of its own. */
const SYNONYMS: Readonly<Record<string, string>> = {
  id: 'userId',
  customer: 'userId',
  customerid: 'userId',
  user: 'userId',
  userid: 'userId',
  clientid: 'userId',
  mail: 'email',
  emailaddress: 'email',
  mobile: 'phone',
  phonenumber: 'phone',
  telephone: 'phone',
  event: 'name',
  eventname: 'name',
  action: 'name',
  date: 'occurredAt',
  day: 'occurredAt',
  time: 'occurredAt',
  timestamp: 'occurredAt',
  eventtime: 'occurredAt',
  order: 'orderId',
  total: 'value',
  amount: 'value',
}

/** A first guess at where each column goes; two columns never go to one place. */
export function guessMapping(columns: readonly string[], type: RowType): ColumnMapping[] {
  const taken = new Set<string>()
  return columns.map((column) => {
    const guess = guessTarget(column, type)
    const target = taken.has(guess) ? freeTarget(column, type) : guess
    taken.add(target)
    return { column, target, valueType: '' }
  })
}

function guessTarget(column: string, type: RowType): string {
  const plain = column.toLowerCase().replaceAll(/[^a-z]/g, '')
  const targets = targetsOf(type)
  const exact = targets.find((target) => target.toLowerCase() === plain)
  const synonym = SYNONYMS[plain]
  if (exact !== undefined) return exact
  return synonym !== undefined && targets.includes(synonym) ? synonym : freeTarget(column, type)
}

/** Where something goes that has no target of its own. */
function freeTarget(column: string, type: RowType): string {
  return column.startsWith('attributes.') || column.startsWith('properties.')
    ? column
    : `${type === 'profiles' ? 'attributes' : 'properties'}.${column}`
}

/** `target=column` and `target:type=column`, as the API takes them. */
export function mapTexts(mapping: readonly ColumnMapping[]): string[] {
  return mapping
    .filter(({ target }) => target !== '')
    .map(({ column, target, valueType }) => `${target}${valueType === '' ? '' : `:${valueType}`}=${column}`)
}

/** What keeps rows from being stored, before anything is sent. */
export function complaintsOf(mapping: readonly ColumnMapping[], type: RowType, eventName: string): string[] {
  const targets = mapping.map(({ target }) => target).filter((target) => target !== '')
  const twice = targets.find((target, index) => targets.indexOf(target) !== index)
  const namesSomebody = targets.some((target) => IDENTIFIERS.includes(target) || target.startsWith('alias.'))
  return [
    ...(namesSomebody
      ? []
      : ['A column must say who a row is about: a user id, an e-mail or another identifier.']),
    ...(twice === undefined ? [] : [`Two columns go to ${twice}.`]),
    ...(type === 'events' && !targets.includes('name') && eventName.trim() === ''
      ? ['Rows need the name of the event: a column, or one for all.']
      : []),
  ]
}
