import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Where the console is, below the address of the server. */
const PREFIX = '/console/'

/**
 * Nothing but this server is ever asked, and no script runs but those of the build. Styles may be inline: the components set
 * sizes and colours by them.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Names of files hold a hash of what is in them, so they never change. */
const MAX_AGE_MS = 365 * 24 * 3_600 * 1_000

/**
 * Adds the web console: the files of its build, and its page for every other address below `/console`, because the page itself
 * knows which there are.
 * @param folder where the build is; where there is none there is no console
 */
export function addConsole(app: FastifyInstance, folder: string): void {
  if (!existsSync(folder)) return
  const config = { operation: 'console' }
  app.get('/console', { config }, (_request, reply) => reply.redirect(PREFIX, 308))
  app.register(fastifyStatic, {
    root: folder,
    prefix: PREFIX,
    serve: false,
    preCompressed: true,
    cacheControl: false,
  })
  app.get(`${PREFIX}*`, { config }, (request, reply) => {
    const path = (request.params as { '*': string })['*']
    return /^assets\/[\w.-]+$/.test(path) || path === 'icon.svg'
      ? reply.header('Cache-Control', `public, max-age=${MAX_AGE_MS / 1_000}, immutable`).sendFile(path)
      : sendPage(reply)
  })
}

/** The page is asked for anew each time: it names the files of the build that there is now. */
function sendPage(reply: FastifyReply): FastifyReply {
  return reply
    .header('Cache-Control', 'no-cache')
    .header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
    .header('Referrer-Policy', 'no-referrer')
    .header('X-Content-Type-Options', 'nosniff')
    .sendFile('index.html')
}
