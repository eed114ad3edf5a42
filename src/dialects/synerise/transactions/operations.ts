import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/** Purchases. @source reference chapter 7 */
export const TRANSACTION_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('create-transaction', 'POST /v4/transactions', 'Create a transaction', {
    callers: ['W'],
    permission: 'API_TRANSACTION_CREATE',
  }),
  implemented('batch-transactions', 'POST /v4/transactions/batch', 'Batch add or update transactions', {
    callers: ['W'],
    permission: 'API_BATCH_TRANSACTION_CREATE',
  }),
]
