import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bytesOf } from '../../core/statistics/index.ts'
import type { History, HistorySeries, StorageUse } from '../../core/statistics/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guard } from './guard.ts'
import { readInstant } from './mapping.ts'
import { HistoryQuery, NoQuery } from './schemas.ts'
import { authorityOf } from './user-routes.ts'

/** Adds what plots show: totals of a workspace, its history, and what the installation takes on disk. */
export function registerStatistics(app: FastifyInstance, services: Services): void {
  const options = (operation: string, permission: string, querystring: object) => ({
    schema: { querystring },
    config: { operation },
    onRequest: guard(services, permission),
  })
  app.get('/api/v1/stats', options('get-stats', 'stats:read', NoQuery), (request) =>
    services.statistics(callerOf(request).workspace.id),
  )
  app.get('/api/v1/stats/history', options('get-history', 'stats:read', HistoryQuery), (request) =>
    getHistory(services, request),
  )
  app.get('/api/v1/storage', options('get-storage', 'storage:read', NoQuery), (request) =>
    getStorage(services, request),
  )
}

async function getHistory(services: Services, request: FastifyRequest): Promise<object> {
  const { from, to, step } = request.query as HistoryQuery
  const range = { from: readInstant('from', from), to: readInstant('to', to), step }
  return showHistory(await services.history(callerOf(request).workspace.id, range))
}

function showHistory({
  from,
  to,
  step,
  times,
  names,
  otherNames,
  rejections,
  latency,
  ...rest
}: History): object {
  const { total, values } = otherNames
  return {
    from: toRfc3339(from),
    to: toRfc3339(to),
    step,
    times: times.map(toRfc3339),
    events: rest.events.map(named('dialect')),
    names: names.map(named('name')),
    otherNames: { total, values },
    transactions: rest.transactions.map(named('dialect')),
    profileWrites: rest.profileWrites.map(named('dialect')),
    rejections: rejections.map(named('reason')),
    latencyMs: latency,
  }
}

function named(name: string): (series: HistorySeries) => object {
  return ({ key, ...series }) => ({ [name]: key, ...series })
}

/** All workspaces lie in the same tables: only who reaches all of them sees how large they are. @throws CDP_PERMISSION_MISSING */
async function getStorage(services: Services, request: FastifyRequest): Promise<object> {
  const { reach } = await authorityOf(services, request)
  if (reach !== undefined) throw new CdpError('CDP_PERMISSION_MISSING')
  return showStorage(await services.storageUse())
}

function showStorage({ tables, bytes, exports }: StorageUse): object {
  return { bytes, tables: tables.map((table) => ({ ...table, bytes: bytesOf(table) })), exports }
}
