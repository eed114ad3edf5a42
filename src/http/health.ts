import type { FastifyInstance } from 'fastify'
import type { Services } from './services.ts'

/** Adds `/livez` (this process runs), `/readyz` (it can serve) and `/metrics` (Prometheus text). */
export function addHealthRoutes(app: FastifyInstance, services: Services): void {
  app.get('/livez', { config: { operation: 'livez' } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { config: { operation: 'readyz' } }, async (_request, reply) => {
    const { ready, checks } = await services.readiness()
    if (!ready) reply.code(503).header('Retry-After', '1')
    return { status: ready ? 'ok' : 'unavailable', checks }
  })
  app.get('/metrics', { config: { operation: 'metrics' } }, async (_request, reply) => {
    const { contentType, text } = await services.metrics.render()
    return reply.type(contentType).send(text)
  })
}
