import {
  createAggregate,
  createExpression,
  deleteAggregate,
  deleteExpression,
  getAggregate,
  getExpression,
  previewAggregate,
  previewExpression,
  putAggregate,
  putExpression,
} from '@tributary/sdk'
import type { Computed } from '@tributary/sdk'
import { asOpened } from '../../api/as-opened.ts'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'

/** Name and definition of an aggregate or an expression. */
export interface ComputedBody {
  name: string
  definition: unknown
}

/** What can be asked of one kind of definition. */
interface ComputedOperations {
  get: (id: string, signal?: AbortSignal) => Promise<Computed>
  create: (body: ComputedBody) => Promise<Computed>
  /** Only over `opened`; over anything where that is left out. */
  put: (id: string, body: ComputedBody, opened?: Computed) => Promise<Computed>
  remove: (id: string) => Promise<unknown>
  preview: (
    body: { definition: unknown; profileId: number },
    signal: AbortSignal,
  ) => Promise<{ value: unknown; computedAt: string }>
}

/** The operations of aggregates and of expressions, which the API has side by side. */
export const COMPUTED: Readonly<Record<ComputedKind, ComputedOperations>> = {
  aggregate: {
    get: (aggregateId, signal) => answerOf(getAggregate({ client, signal, path: { aggregateId } })),
    create: (body) => answerOf(createAggregate({ client, body })),
    put: (aggregateId, body, opened) =>
      answerOf(putAggregate({ client, body, path: { aggregateId }, ...(opened && asOpened(opened)) })),
    remove: (aggregateId) => answerOf(deleteAggregate({ client, path: { aggregateId } })),
    preview: (body, signal) => answerOf(previewAggregate({ client, signal, body })),
  },
  expression: {
    get: (expressionId, signal) => answerOf(getExpression({ client, signal, path: { expressionId } })),
    create: (body) => answerOf(createExpression({ client, body })),
    put: (expressionId, body, opened) =>
      answerOf(putExpression({ client, body, path: { expressionId }, ...(opened && asOpened(opened)) })),
    remove: (expressionId) => answerOf(deleteExpression({ client, path: { expressionId } })),
    preview: (body, signal) => answerOf(previewExpression({ client, signal, body })),
  },
}
