import { Type } from 'typebox'
import type { Static } from 'typebox'
import { HOUR_MS } from '../lib/time.ts'
import { CLOSED, integer, text, texts } from '../model/schema-parts.ts'
import { COMMON_SETTINGS } from '../model/workspace-settings.ts'
import { VENDOR_BLOCKS } from './vendor-blocks.ts'

/** Levels of the log, from the chattiest on; `silent` writes nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One level of the log. */
export type LogLevel = (typeof LOG_LEVELS)[number]

const server = Type.Object(
  {
    bodyBytesMax: integer(
      { minimum: 1024, maximum: 256 * 1024 ** 2, default: 5 * 1024 ** 2 },
      'Longest request body, bytes; a longer one answers 413.',
    ),
    importBytesMax: integer(
      { minimum: 1024, maximum: 256 * 1024 ** 2, default: 32 * 1024 ** 2 },
      'Longest body of a call that imports rows in JSON, bytes; a longer one answers 413.',
    ),
    uploadBytesMax: integer(
      { minimum: 1024, maximum: 1024 ** 4, default: 1024 ** 3 },
      'Largest file that may be uploaded for an import, bytes; it is read as it comes.',
    ),
    uploadTimeoutMs: integer(
      { minimum: 100, maximum: 24 * HOUR_MS, default: HOUR_MS },
      'How long a client may take to send such a file; instead of requestTimeoutMs, where it is longer.',
    ),
    jsonDepthMax: integer(
      { minimum: 4, maximum: 100, default: 32 },
      'Deepest nesting of a request body; a deeper one answers 400.',
    ),
    requestTimeoutMs: integer(
      { minimum: 100, maximum: HOUR_MS, default: 30_000 },
      'How long a client may take to send a whole request.',
    ),
    headersTimeoutMs: integer(
      { minimum: 100, maximum: HOUR_MS, default: 10_000 },
      'How long a client may take to send the headers; at most requestTimeoutMs.',
    ),
    keepAliveTimeoutMs: integer(
      { minimum: 100, maximum: HOUR_MS, default: 72_000 },
      "How long an idle connection stays open; longer than the load balancer's own time, which is often 60 s.",
    ),
    shutdownTimeoutMs: integer(
      { minimum: 100, maximum: HOUR_MS, default: 30_000 },
      'How long a stop waits for requests that are still being processed.',
    ),
    processes: integer(
      { minimum: 1, maximum: 1024, default: 1 },
      "How many server processes share the vendors' rate limits: each takes its part.",
    ),
    backgroundWork: Type.Boolean({
      default: true,
      description:
        'Whether a server also does what goes on in the background; false where `tributary work` does it.',
    }),
    allowPrivateUrls: Type.Boolean({
      default: false,
      description:
        'Whether URLs that workspaces give (identity providers) may lead to addresses that are not public.',
    }),
    logLevel: Type.Enum(LOG_LEVELS, {
      default: 'info',
      description: 'The least level that is logged; LOG_LEVEL in the environment wins.',
    }),
  },
  { ...CLOSED, default: {}, description: 'Bounds of the server.' },
)

const apiKey = Type.Object(
  {
    scope: Type.Enum(['workspace', 'profile', 'tracker', 'ai', 'native'], {
      description: 'What the key opens; the credentials of the vendors stand in their own blocks.',
    }),
    key: text('credential', 'The secret; stored as its SHA-256 only.'),
    permissions: Type.Optional(
      Type.Array(Type.String({ format: 'credential' }), {
        description: '`["*"]` permits all. Left out: all for workspace and native, none for the others.',
      }),
    ),
  },
  CLOSED,
)

const workspace = Type.Object(
  {
    name: text('object-name', 'Its name; users refer to it. No two are equal.'),
    guid: Type.Optional(
      text(
        'guid',
        'Its id for ever. Derived from the name when left out, so that a new name makes a new workspace.',
      ),
    ),
    ...COMMON_SETTINGS,
    apiKeys: Type.Array(apiKey, { default: [], description: 'Credentials that belong to no vendor block.' }),
    ...VENDOR_BLOCKS,
  },
  CLOSED,
)

const user = Type.Object(
  {
    email: text('email', 'Whom it is for. No two are equal.'),
    password: Type.String({
      minLength: 8,
      maxLength: 1024,
      description: 'Applies when the user is made, and again when this text has changed.',
    }),
    role: Type.Enum(['owner', 'admin', 'member'], { description: 'What the user may do.' }),
    workspaces: texts('object-name', 'Names of workspaces of this file.'),
  },
  CLOSED,
)

const mail = Type.Object(
  {
    smtp: text('smtp-url', 'The mail server, with user and password if it wants them.'),
    from: text('mailbox', 'The sender.'),
  },
  { ...CLOSED, description: 'How mail goes out.' },
)

const sms = Type.Object(
  { webhook: text('http-url', 'Where each message is posted.') },
  { ...CLOSED, description: 'How text messages go out.' },
)

const google = Type.Object(
  {
    clientId: text('credential', 'The client id of this installation at Google.'),
    issuer: Type.String({
      format: 'http-url',
      default: 'https://accounts.google.com',
      description: 'Who must have issued an identity token.',
    }),
    keySet: Type.String({
      format: 'http-url',
      default: 'https://www.googleapis.com/oauth2/v3/certs',
      description: 'Where the public keys are.',
    }),
    authorizationEndpoint: Type.String({
      format: 'http-url',
      default: 'https://accounts.google.com/o/oauth2/v2/auth',
      description: 'Where the console sends a browser to sign in.',
    }),
  },
  { ...CLOSED, description: 'Lets users sign in by Google whose verified e-mail is known here.' },
)

/** The configuration file: the one place that says which keys there are; errors, types and documentation follow it. */
export const CONFIG_SCHEMA = Type.Object(
  {
    server,
    workspaces: Type.Array(workspace, { default: [], description: 'The workspaces of this installation.' }),
    users: Type.Array(user, { default: [], description: 'The people of this installation.' }),
    google: Type.Optional(google),
    mail: Type.Optional(mail),
    sms: Type.Optional(sms),
  },
  CLOSED,
)

/** The configuration file, checked, defaults filled in. */
export type ConfigFile = Static<typeof CONFIG_SCHEMA>

/** The bounds of the server. */
export type ServerSection = ConfigFile['server']
