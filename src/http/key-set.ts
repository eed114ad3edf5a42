import type { FastifyInstance } from 'fastify'
import type { Services } from './services.ts'

/** `GET /.well-known/jwks.json`: the public halves of the keys that sign tokens (RFC 7517). */
export function addKeySetRoute(app: FastifyInstance, { signingKeys }: Services): void {
  app.get('/.well-known/jwks.json', { config: { operation: 'key-set' } }, async (_request, reply) =>
    reply.type('application/jwk-set+json').send(await signingKeys.jwks()),
  )
}
