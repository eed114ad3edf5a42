/** The Xtremepush dialect: imports of profiles with their tasks, events, and lists of profiles. */
import { newSecret } from '../../lib/ids.ts'
import { isJsonObject } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import type { RejectedItem, ReplayAddress } from '../../http/replay.ts'
import type { Dialect, Operation } from '../dialect.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { profileRows } from './mapping.ts'
import { register } from './routes.ts'

const PREFIX = '/api/external'

const operation = (
  id: string,
  path: string,
  title: string,
  known: Pick<Operation, 'provenance' | 'sources'> = {},
): Operation => ({
  id,
  method: 'POST',
  path: PREFIX + path,
  title,
  ...known,
})

/** The operations of the vendor's External API that its public pages name, as far as they were recovered. */
export const xtremepush: Dialect = {
  name: 'xtremepush',
  title: 'Xtremepush',
  prefixes: [PREFIX],
  operations: [
    operation('import-profile', '/import/profile', 'Create profiles and set their attributes'),
    operation('info-task', '/info/task', 'Task Info: how far a task is', {
      provenance: 'inferred',
      sources: ['SRC[27]', 'SRC[29]'],
    }),
    operation('list-task', '/list/task', 'List tasks', {
      provenance: 'beyond the reference',
      sources: ['SRC[28]'],
    }),
    operation('hit-event', '/hit/event', 'Hit an event, or a batch of them', {
      provenance: 'beyond the reference',
      sources: ['SRC[18]', 'SRC[31]', 'SRC[32]'],
    }),
    operation('list-profile', '/list/profile', 'List profiles', {
      provenance: 'beyond the reference',
      sources: ['SRC[30]'],
    }),
    operation('list-profile-subscription', '/list/profile-subscription', 'List subscriptions of profiles', {
      provenance: 'beyond the reference',
      sources: ['SRC[25]'],
    }),
  ],
  imports: [profileRows],
  errorAnswer,
  addressOf,
  documentation,
  register,
  starter: () => {
    const secret = newSecret('')
    return {
      keys: [{ scope: 'xtremepush', secret, permissions: ['*'] }],
      settings: { autoCreateAttributes: true },
      curl: (baseUrl) =>
        `curl ${baseUrl}${PREFIX}/import/profile -H 'Content-Type: application/json' ` +
        `-d '{"apptoken":"${secret}","columns":["user_id","email","email_subscription","first_name"],` +
        `"rows":[["u-1","ana@example.com",1,"Ana"]]}'`,
    }
  },
}

/** A row stands in the ledger under the names of its columns, a whole call as it came. */
function addressOf({ operation: id, item }: RejectedItem): ReplayAddress | undefined {
  const sent = item as Json
  if (!isJsonObject(sent)) return undefined
  const isWhole = id !== 'import-profile' || (Array.isArray(sent['columns']) && Array.isArray(sent['rows']))
  const body = isWhole ? sent : { columns: Object.keys(sent), rows: [Object.values(sent)] }
  // The schema wants a token; who sends it again was checked already.
  return { params: {}, body: { ...body, apptoken: 'replayed' } }
}
