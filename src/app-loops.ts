/** Services that a loop of their own serves, each with its loop. */
import type { FastifyBaseLogger } from 'fastify'
import type { AppOptions } from './app-options.ts'
import type { KeyUses } from './core/access/index.ts'
import { openExports } from './core/exports/index.ts'
import type { Exports } from './core/exports/index.ts'
import { openImports } from './core/imports/index.ts'
import type { Imports } from './core/imports/index.ts'
import type { Ingest } from './core/ingest/index.ts'
import { openLive } from './core/live/index.ts'
import type { Live } from './core/live/index.ts'
import { openMessages } from './core/messages/index.ts'
import type { Messages } from './core/messages/index.ts'
import { openPrivacy } from './core/privacy/index.ts'
import type { Privacy } from './core/privacy/index.ts'
import { openKeeper } from './core/segments/index.ts'
import { openTagSweep } from './core/tags/index.ts'
import { dialects } from './dialects/index.ts'
import { startLoop } from './jobs/loop.ts'
import type { Loop, LoopOptions } from './jobs/loop.ts'
import { MESSAGE_CHANNELS } from './model/message.ts'
import { openMail } from './outbound/mail.ts'
import { openSmsWebhook } from './outbound/sms.ts'
import type { Database } from './storage/db.ts'

/** Background work, where this process does any. */
function startWork(backgroundWork: boolean, loop: LoopOptions): Loop {
  return backgroundWork ? startLoop(loop) : { stop: async () => undefined }
}

/** What is committed is seen within a second: the pause is well below it. */
const LIVE_EVERY_MS = 250

/** The live stream, and the loop that reads for its subscribers. */
export function openWatchedLive(db: Database, logger: FastifyBaseLogger): { live: Live; watching: Loop } {
  const live = openLive(db)
  const watching = startLoop({
    run: () => live.poll(),
    pauseMs: LIVE_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'the live stream could not be read'),
  })
  return { live, watching }
}

/** A removed tag is out of sight at once: taking it off can wait a little. */
const SWEEP_EVERY_MS = 1_000

/** The loop that takes removed tags off profiles; it writes, so it ends before the write path does. */
export function startTagSweep({ backgroundWork, db, logger }: AppOptions, ingest: Ingest): Loop {
  return startWork(backgroundWork, {
    run: openTagSweep(db, ingest),
    pauseMs: SWEEP_EVERY_MS,
    onError: (error) => logger.warn({ err: error }, 'a removed tag could not be taken off its profiles'),
  })
}

/** Rows begin to be stored soon after they were accepted. */
const IMPORT_EVERY_MS = 250

/** Imports, and the loop that stores their rows; it writes, so it ends before the write path does. */
export function openRunImports(
  { backgroundWork, db, logger, secretKey }: AppOptions,
  ingest: Ingest,
): { imports: Imports; importing: Loop } {
  const imports = openImports({
    db,
    ingest,
    secretKey,
    mappers: dialects.flatMap((dialect) => dialect.imports ?? []),
    onError: (error, { importId, workspaceId, attempts }) =>
      logger.warn({ err: error, importId, workspaceId, attempts }, 'rows of an import could not be stored'),
  })
  const importing = startWork(backgroundWork, {
    run: () => imports.run(),
    pauseMs: IMPORT_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'imports could not be worked on'),
  })
  return { imports, importing }
}

/** Files begin to be written soon after they were asked for: what they show is what there is then. */
const EXPORT_EVERY_MS = 250

/** Exports, and the loop that writes their files, one at a time. */
export function openRunExports({ backgroundWork, db, logger, secretKey, exportFolder: folder }: AppOptions): {
  exports: Exports
  stopExporting: () => Promise<void>
} {
  const exports = openExports({
    db,
    folder,
    secretKey,
    onError: (error, { exportId, workspaceId, attempts }) =>
      logger.warn({ err: error, exportId, workspaceId, attempts }, 'an export could not be written'),
  })
  const exporting = startWork(backgroundWork, {
    run: () => exports.run(),
    pauseMs: EXPORT_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'exports could not be worked on'),
  })
  return {
    exports,
    stopExporting: async () => {
      exports.close()
      await exporting.stop()
    },
  }
}

/** Nobody waits for the traces of an erased person, but the receipt should soon be whole. */
const ERASE_EVERY_MS = 1_000

/** Privacy, and the loop that looks for the traces of erased people. */
export function openRunPrivacy({ backgroundWork, db, logger, secretKey, exportFolder }: AppOptions): {
  privacy: Privacy
  erasing: Loop
} {
  const privacy = openPrivacy({
    db,
    secretKey,
    exportFolder,
    onError: (error, { workspaceId, erasureId, attempts }) =>
      logger.warn({ err: error, workspaceId, erasureId, attempts }, 'traces of an erased person are left'),
  })
  const erasing = startWork(backgroundWork, {
    run: () => privacy.run(),
    pauseMs: ERASE_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'erasures could not be worked on'),
  })
  return { privacy, erasing }
}

/** Members of segments follow a write within a second: the pause is well below it. */
const KEEP_EVERY_MS = 250

/** The loop that keeps members of segments up to date. */
export function startKeeper({ backgroundWork, db, logger }: AppOptions, ingest: Ingest): Loop {
  return startWork(backgroundWork, {
    run: openKeeper({
      db,
      queuedCommands: () => ingest.queuedCommands,
      onError: (error, { workspaceId, segmentId }) =>
        logger.warn({ err: error, workspaceId, segmentId }, 'a segment could not be evaluated'),
    }),
    pauseMs: KEEP_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'members of segments could not be kept up to date'),
  })
}

/** When a key was last used is asked in days: a minute is near enough, and costs one statement. */
const SAVE_USES_EVERY_MS = 60_000

/** The loop that saves when keys were used, and once more when it ends. */
export function startKeyUses({ logger }: AppOptions, uses: KeyUses): Loop {
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'it could not be saved when keys were last used')
  const run = async (): Promise<boolean> => {
    await uses.save()
    return false
  }
  const loop = startLoop({ run, pauseMs: SAVE_USES_EVERY_MS, onError })
  return {
    stop: async () => {
      await loop.stop()
      await uses.save().catch(onError)
    },
  }
}

/** What is committed goes out within a second: people wait for their code. */
const DELIVER_EVERY_MS = 500

/** Messages, and a loop for each channel that delivers them: a mail server that hangs holds up mail alone. */
export function openDeliveredMessages({ backgroundWork, db, logger, secretKey, mail, sms }: AppOptions): {
  messages: Messages
  stopDelivery: () => Promise<void>
} {
  const messages = openMessages({
    db,
    secretKey,
    mail: mail && openMail(mail),
    sms: sms && openSmsWebhook(sms),
    onError: (error, { messageId, template, attempts }) =>
      logger.warn({ err: error, messageId, template, attempts }, 'a message could not be sent'),
  })
  const loops = MESSAGE_CHANNELS.map((channel) =>
    startWork(backgroundWork, {
      run: () => messages.deliver(channel),
      pauseMs: DELIVER_EVERY_MS,
      onError: (error) => logger.error({ err: error, channel }, 'messages could not be delivered'),
    }),
  )
  return {
    messages,
    stopDelivery: async () => {
      messages.close()
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}
