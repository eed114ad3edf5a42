import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { Services } from './services.ts'

/**
 * Cross-origin calls, per workspace. A preflight carries no credential, so it is answered for any origin that
 * some workspace allows; the call itself is only readable for origins that its own workspace allows.
 */
export async function addCors(app: FastifyInstance, services: Services): Promise<void> {
  await app.register(cors, {
    origin: async (origin: string | undefined) =>
      origin !== undefined && (await services.credentials.allowedOrigins()).has(origin),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['X-Request-Id', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'Deprecation', 'Link'],
    maxAge: 600,
    // An OPTIONS that is no preflight is a request like any other: its path's owner answers.
    strictPreflight: false,
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { origin } = request.headers
    const allowed = request.caller?.workspace.settings.corsOrigins
    if (origin !== undefined && allowed && !allowed.includes(origin)) {
      reply.removeHeader('Access-Control-Allow-Origin')
    }
    done()
  })
}
