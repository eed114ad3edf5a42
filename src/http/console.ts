import { existsSync } from 'node:fs'
import { join } from 'node:path'
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

/** Names of assets hold a hash of what is in them, so they never change; a year is what caches take for ever. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * Adds the web console: the files of its build, and its page for every other address below `/console`, because the page itself
 * knows which there are.
 * @param folder where the build is; where there is none there is no console
 */
export function addConsole(app: FastifyInstance, folder: string): void {
  if (!existsSync(folder)) return
  const config = { operation: 'console' }
  const assets = join(folder, 'assets/')
  app.get('/console', { config }, (_request, reply) => reply.redirect(PREFIX, 308))
  app.register(fastifyStatic, {
    root: folder,
    prefix: PREFIX,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    // Only what is there: an answer that it is missing must not stay in a cache.
    setHeaders: (response, path) => {
      if (path.startsWith(assets)) void response.header('Cache-Control', IMMUTABLE)
    },
  })
  app.get(`${PREFIX}*`, { config }, (request, reply) => {
    const path = (request.params as { '*': string })['*']
    return /^assets\/[\w.-]+$/.test(path) || path === 'icon.svg' ? reply.sendFile(path) : sendPage(reply)
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
