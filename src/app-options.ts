import type { FastifyBaseLogger } from 'fastify'
import type { GoogleSignIn } from './core/users/index.ts'
import type { HttpOptions } from './http/server.ts'
import type { BodyLimits } from './http/services.ts'
import type { MailSettings } from './outbound/mail.ts'
import type { SmsSettings } from './outbound/sms.ts'
import type { Database } from './storage/db.ts'

/** What the application needs from its process. Times in milliseconds. */
export interface AppOptions {
  db: Database
  logger: FastifyBaseLogger
  processes: number
  /** Where people reach the server, without a slash at the end: links in mails lead there. */
  publicUrl: string
  /** Whether this process does what goes on in the background: imports, exports, messages, segments, erasures. */
  backgroundWork: boolean
  /** Whether URLs that workspaces give may lead to addresses that are not public. */
  allowPrivateUrls: boolean
  /** 32 bytes: seals secrets that must be read back. */
  secretKey: Buffer
  /** Where the files of exports are; made at first need. */
  exportFolder: string
  /** Undefined: mail is kept in the outbox. */
  mail?: MailSettings | undefined
  /** Undefined: text messages are kept in the outbox. */
  sms?: SmsSettings | undefined
  /** Undefined: nobody signs in by Google. */
  google?: GoogleSignIn | undefined
  limits: BodyLimits
  http: Pick<
    HttpOptions,
    | 'bodyBytesMax'
    | 'jsonDepthMax'
    | 'requestTimeoutMs'
    | 'headersTimeoutMs'
    | 'keepAliveTimeoutMs'
    | 'trustProxy'
    | 'tls'
  >
}
