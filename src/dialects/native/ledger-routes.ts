import type { FastifyInstance } from 'fastify'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { guard } from './guard.ts'
import { showResult } from './write-mapping.ts'
import { ReplayBody } from './write-schemas.ts'

/** Adds the sending again of what was refused. */
export function registerReplays(app: FastifyInstance, services: Services): void {
  app.post(
    '/api/v1/rejections/:rejectionId/replay',
    {
      schema: { body: ReplayBody },
      config: { operation: 'replay-rejection' },
      onRequest: guard(services, 'rejections:replay'),
    },
    async (request) => {
      const { rejectionId } = request.params as { rejectionId: string }
      const { item } = request.body as ReplayBody
      const corrected = item === undefined ? undefined : { item }
      const results = await services.replay(callerOf(request), rejectionId, corrected)
      return { items: results.map(showResult) }
    },
  )
}
