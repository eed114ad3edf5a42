/** What a process of the product, a server or a worker, gives its application. */
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { AppOptions } from './app-options.ts'
import type { ServerConfig } from './config.ts'
import { checkSecretKey } from './core/access/index.ts'
import { readSecretKey } from './secret-key.ts'
import type { Database } from './storage/db.ts'

/**
 * The options of an application over an open database.
 * @throws CdpError of kind `startup` when the secret key is not the one that the database was sealed with
 */
export async function readProcessOptions(
  config: ServerConfig,
  db: Database,
  logger: FastifyBaseLogger,
): Promise<AppOptions> {
  const { limits, trustProxy, tls, mail, sms, google } = config
  const secretKey = await readSecretKey(config)
  await checkSecretKey(db, secretKey)
  return {
    db,
    logger,
    processes: limits.processes,
    limits,
    publicUrl: publicUrlOf(config),
    backgroundWork: limits.backgroundWork,
    allowPrivateUrls: limits.allowPrivateUrls,
    secretKey,
    exportFolder: join(config.dataDir, 'exports'),
    mail,
    sms,
    google: google && { ...google, audience: google.clientId },
    http: { ...limits, trustProxy, tls },
  }
}

/** Where links in mails lead when nobody said where people reach the server. */
function publicUrlOf({ publicUrl, host, port, tls }: ServerConfig): string {
  return publicUrl ?? addressOf({ host, tls }, port)
}

/** The address of a server that listens at a port. */
export function addressOf({ host, tls }: Pick<ServerConfig, 'host' | 'tls'>, port: number): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
