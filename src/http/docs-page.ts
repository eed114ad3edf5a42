import { createReadStream } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** A document that the page offers: its name for people, and its address from the page. */
export interface OfferedDocument {
  name: string
  url: string
}

/**
 * Files of the viewer, by name, with their media types. They are read from its package when they are asked for: its
 * own plugin takes 0.2 s to load at every start, and adds addresses that nobody needs.
 */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** Nothing but this server is ever asked: not for scripts, styles, fonts or images, nor by the calls that are tried. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const MAX_AGE_SECONDS = 3_600

/** Adds `GET /docs`, a page that shows the OpenAPI documents, and its files. The page works without any other host; it opens with the first document. */
export function addDocsPage(app: FastifyInstance, documents: readonly OfferedDocument[]): void {
  const config = { operation: 'docs' }
  app.get('/docs', { config }, async (_request, reply) => send(reply, 'text/html; charset=utf-8', PAGE))
  const start = renderStart(documents)
  app.get('/docs/start.js', { config }, async (_request, reply) =>
    send(reply, 'text/javascript; charset=utf-8', start),
  )
  const folder = import.meta.resolve('@fastify/swagger-ui/static/')
  for (const [name, type] of Object.entries(FILES)) {
    app.get(`/docs/${name}`, { config }, async (_request, reply) => {
      reply.header('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`)
      return send(reply, type, createReadStream(new URL(name, folder)))
    })
  }
}

function send(reply: FastifyReply, type: string, payload: unknown): FastifyReply {
  return reply
    .type(type)
    .header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
    .header('Referrer-Policy', 'no-referrer')
    .send(payload)
}

// Addresses are relative, so that the page also works below a path of a proxy.
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tributary API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="documentation"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/swagger-ui-standalone-preset.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`

function renderStart(documents: readonly OfferedDocument[]): string {
  // A validator would be told the address of this server.
  const settings = {
    urls: documents,
    dom_id: '#documentation',
    layout: 'StandaloneLayout',
    validatorUrl: null,
  }
  return `SwaggerUIBundle({
  ...${JSON.stringify({ ...settings, deepLinking: true })},
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
})
`
}
