import { fastifySSE } from '@fastify/sse'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LiveItem, LiveMessage } from '../../core/live/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { now, toRfc3339 } from '../../lib/time.ts'
import { guard } from './guard.ts'
import { showChange, showEvent, showRejection } from './mapping.ts'
import { StreamQuery } from './schemas.ts'

/**
 * What may wait for a subscriber that reads too slowly, before it is cut off. Twice what one may be given of what it missed, which
 * is written before the network has taken any of it.
 */
const WAITING_BYTES_MAX = 8 * 1024 ** 2

/** How often a stream that stays open is asked whether its credential still opens it. */
const CHECK_EVERY_MS = 2_000

const HEARTBEAT_EVERY_MS = 15_000

/** Adds `GET /api/v1/stream`: what comes in and what is refused, as server-sent events. */
export function registerStream(app: FastifyInstance, services: Services): void {
  app.register(fastifySSE, { heartbeatInterval: HEARTBEAT_EVERY_MS })
  // The plugin sees a route only when it is loaded before.
  app.after(() => {
    app.get(
      '/api/v1/stream',
      {
        schema: { querystring: StreamQuery },
        config: { operation: 'stream' },
        onRequest: guard(services, 'stream:read'),
        sse: 'manual',
      },
      (request, reply) => openStream(services, request, reply),
    )
  })
}

/** Answers with a stream that stays open; what went wrong before its first byte is an ordinary error. */
async function openStream(services: Services, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { dialect, name, outcome, follow } = request.query as StreamQuery
  const caller = callerOf(request)
  const lastEventId = request.headers['last-event-id']
  const cut = (): void => void reply.raw.destroy()
  const end = services.live.subscribe({
    workspaceId: caller.workspace.id,
    filter: { dialect, name, outcome },
    follows: follow !== 'false',
    lastBatch: lastEventId === undefined ? undefined : readBatch(String(lastEventId)),
    send: (message) => {
      if (reply.raw.destroyed) return 0
      const bytes = Buffer.from(render(message))
      // Written past the plugin: it waits for a slow reader, and this must not.
      reply.raw.write(bytes)
      if (reply.raw.writableLength > WAITING_BYTES_MAX) cut()
      return bytes.length
    },
    // Only now: who is told that it is connected must not miss what is stored from then on.
    onJoined: () => void (reply.raw.destroyed || reply.raw.flushHeaders()),
    onEnd: () => void reply.raw.end(),
  })
  const check = setInterval(() => void cutUnlessOpen(services, request, cut), CHECK_EVERY_MS)
  check.unref()
  reply.sse.onClose(() => {
    clearInterval(check)
    end()
  })
  reply.sse.keepAlive()
  reply.sse.sendHeaders()
}

/**
 * A revoked key, or a person who logged out, must not go on reading because it began before. A database that is away
 * says nothing about it.
 */
async function cutUnlessOpen(services: Services, request: FastifyRequest, cut: () => void): Promise<void> {
  const { workspace, keyId, person } = callerOf(request)
  try {
    const isOpen = person
      ? await services.sessions.find(person.sessionId)
      : await services.credentials.callerOf(workspace.id, keyId ?? 0)
    if (!isOpen) cut()
  } catch (error) {
    request.log.warn({ err: error, traceId: request.id }, 'the credential of a stream could not be checked')
  }
}

/** Flushes have whole numbers; anything else is none that this server gave. */
function readBatch(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

function render(message: LiveMessage): string {
  switch (message.type) {
    case 'item':
      return frame('item', message.batch, showItem(message.item))
    case 'skipped':
      return frame('skipped', message.batch, { skipped: message.count })
    case 'gap':
      return frame('gap', undefined, { from: toRfc3339(message.from) })
  }
}

function frame(event: string, id: number | undefined, data: object): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** An item as the stream shows it; `lagMs` is how long ago it was received. */
function showItem(item: LiveItem): object {
  switch (item.kind) {
    case 'event': {
      const { source, name, receivedAt, profileId } = item.event
      return shown('accepted', 'event', source, name, profileId, receivedAt, showEvent(item.event))
    }
    case 'change': {
      const { dialect, at, profileId } = item.change
      return shown('accepted', 'change', dialect, null, profileId, at, showChange(item.change))
    }
    case 'rejection': {
      const { dialect, reason, at, profileId = null } = item.rejection
      return shown('rejected', 'rejection', dialect, reason, profileId, at, showRejection(item.rejection))
    }
  }
}

function shown(
  outcome: 'accepted' | 'rejected',
  kind: LiveItem['kind'],
  dialect: string,
  name: string | null,
  profileId: number | null,
  receivedAt: number,
  row: object,
): object {
  return { outcome, kind, dialect, name, profileId, lagMs: Math.max(0, now() - receivedAt), [kind]: row }
}
