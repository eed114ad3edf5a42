/** The composition root: opens core over a database and mounts every dialect. The only file that sees all layers. */
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Credentials } from './core/access/index.ts'
import { fixturesOf } from './dialects/fixtures.ts'
import { dialects } from './dialects/index.ts'
import { native } from './dialects/native/index.ts'
import { addAccountPages } from './http/account-pages/routes.ts'
import { addConsole } from './http/console.ts'
import { addCors } from './http/cors.ts'
import { addDocsPage } from './http/docs-page.ts'
import { asCdpError } from './http/errors.ts'
import { addHealthRoutes } from './http/health.ts'
import { addKeySetRoute } from './http/key-set.ts'
import { answerError, mountDialect, pathOf, refuseUnrouted } from './http/mount.ts'
import { addOpenApiRoutes } from './http/openapi/routes.ts'
import { createHttpServer } from './http/server.ts'
import { openReplays } from './http/replay.ts'
import type { Services } from './http/services.ts'
import { now } from './lib/time.ts'

import { openServices } from './app-services.ts'
import type { AppOptions } from './app-options.ts'

/** The build puts the console beside the compiled code. */
const CONSOLE_FOLDER = fileURLToPath(new URL('./console/', import.meta.url))

/** A mounted application. */
export interface App {
  http: FastifyInstance
  credentials: Credentials
  /** Answers what was accepted, then closes: HTTP first, then the write path. The database stays open. */
  close(): Promise<void>
}

/** Opens the application; the database must be migrated. */
export async function openApp(options: AppOptions): Promise<App> {
  const { base, close } = await openServices(options)
  const http = createHttpServer({
    ...options.http,
    logger: options.logger,
    metrics: base.metrics,
    isCrowded: () => base.ingest.isCrowded,
    onUnroutable: (url, error, traceId) =>
      ownerOf(url).errorAnswer(asCdpError(error), { traceId, path: pathOf(url), at: now(), body: undefined }),
  })
  const services: Services = { ...base, replay: openReplays(http, dialects, base.ledger) }
  // Streams never end by themselves: a close would wait for them.
  http.addHook('preClose', async () => base.live.close())
  // Before whatever adds routes: those keep the handler that they find, and an OPTIONS is a route of the cross-origin calls.
  http.setErrorHandler((error, request, reply) =>
    answerError(ownerOf(request.url), services, error, request, reply),
  )
  await addCors(http, services)
  addHealthRoutes(http, services)
  addKeySetRoute(http, services)
  addOpenApiRoutes(http, { dialects, examplesOf: fixturesOf, own: native.name, services })
  const ownFirst = [native, ...dialects.filter((dialect) => dialect !== native)]
  addDocsPage(
    http,
    ownFirst.map(({ name, title }) => ({ name: title, url: `openapi/${name}.json` })),
  )
  addConsole(http, CONSOLE_FOLDER)
  await addAccountPages(http, services, options.publicUrl)
  for (const dialect of dialects) await mountDialect(http, dialect, services)
  http.setNotFoundHandler((request) => refuseUnrouted(ownerOf(request.url), request))
  return {
    http,
    credentials: services.credentials,
    close: async () => {
      await http.close()
      await close()
    },
  }
}

/** The dialect that owns a path: the longest prefix wins; anything else is native. */
function ownerOf(url: string): (typeof dialects)[number] {
  const owners = dialects.flatMap((dialect) => dialect.prefixes.map((prefix) => ({ dialect, prefix })))
  const matching = owners.filter(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`))
  const [longest] = matching.sort((a, b) => b.prefix.length - a.prefix.length)
  return longest?.dialect ?? native
}
