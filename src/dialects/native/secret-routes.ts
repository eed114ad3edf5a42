import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { actorOnce, guard } from './guard.ts'
import { NoQuery } from './schemas.ts'

/** `PUT /api/v1/secrets/{name}` */
const SecretBody = Type.Object(
  { secret: Type.String({ minLength: 1, maxLength: 4_096, description: 'It is sealed, and never shown.' }) },
  { additionalProperties: false },
)

/** Adds the routes of what a workspace's identity providers gave to its apps: written and taken away, never read. */
export function registerSecrets(app: FastifyInstance, services: Services): void {
  const { secrets } = services
  const path = '/api/v1/secrets'
  const options = (operation: string, permission: string, schema: object) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  const query = { querystring: NoQuery }
  app.get(path, options('list-secrets', 'secrets:read', query), async (request) => {
    const found = await secrets.list(workspaceIdOf(request))
    const items = found.map(({ name, updatedAt }) => ({ name, updatedAt: toRfc3339(updatedAt) }))
    return { items, nextCursor: null }
  })
  const save = options('put-secret', 'secrets:write', { body: SecretBody })
  app.put(
    `${path}/:name`,
    { ...save, config: { ...save.config, holdsSecrets: true } },
    async (request, reply) => {
      const { secret } = request.body as Static<typeof SecretBody>
      await secrets.save(
        workspaceIdOf(request),
        { name: nameOf(request), secret },
        actorOnce(services, request),
      )
      return reply.code(204).send()
    },
  )
  app.delete(`${path}/:name`, options('delete-secret', 'secrets:write', query), async (request, reply) => {
    await secrets.remove(workspaceIdOf(request), nameOf(request), actorOnce(services, request))
    return reply.code(204).send()
  })
}

function workspaceIdOf(request: FastifyRequest): number {
  return callerOf(request).workspace.id
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name
}
