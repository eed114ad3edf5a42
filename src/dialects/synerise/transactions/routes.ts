import type { FastifyInstance } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { storeAll } from '../shared/store.ts'
import { mapTransaction } from './mapping.ts'
import { TransactionBatchBody, TransactionSchema } from './schemas.ts'
import type { Transaction } from './schemas.ts'

/** Adds the routes of purchases. */
export function registerTransactions(app: FastifyInstance, services: Services): void {
  const post = (id: string, body: object): void => {
    const options = { schema: { body }, config: { operation: id }, onRequest: guard(services, operation(id)) }
    app.post(operation(id).path, options, (request, reply) => {
      const isBatch = Array.isArray(request.body)
      const items = (isBatch ? request.body : [request.body]) as Transaction[]
      const { receivedAt } = request
      const { timezone } = callerOf(request).workspace.settings
      const commands = items.map((item, index) =>
        mapTransaction(item, { pointer: isBatch ? `/${index}` : '', receivedAt, timezone }),
      )
      return storeAll(services, request, reply, { commands, status: 202 })
    })
  }
  post('create-transaction', TransactionSchema)
  post('batch-transactions', TransactionBatchBody)
}
