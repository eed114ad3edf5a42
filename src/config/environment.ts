import { isIP } from 'node:net'
import { LOG_LEVELS } from './schema.ts'
import type { LogLevel } from './schema.ts'
import type { Problem } from './problems.ts'
import type { Environment } from './references.ts'

/** One variable, its command line option if it has one, and what is right; docs/operations.md shows them. */
interface Variable {
  flag?: keyof Flags
  /** The flag as people type it. */
  option?: string
  default: string
  description: string
  rule: string
}

/** Options of the command line, as text; each wins over its variable. */
export interface Flags {
  config?: string | undefined
  host?: string | undefined
  port?: string | undefined
  dataDir?: string | undefined
}

/** Every variable that the server reads by itself; others only where the file says `env:NAME`. */
export const ENVIRONMENT = {
  HOST: {
    flag: 'host',
    option: '--host',
    default: '127.0.0.1',
    description: 'Address to listen on. `0.0.0.0` or `::` opens the server to the network.',
    rule: 'must be an IP address or a host name',
  },
  PORT: {
    flag: 'port',
    option: '--port',
    default: '4100',
    description: 'Port to listen on; 0 takes any free one.',
    rule: 'must be a whole number from 0 to 65535',
  },
  TRIBUTARY_DATA_DIR: {
    flag: 'dataDir',
    option: '--data-dir',
    default: '.tributary in the package folder',
    description: 'Data directory of the bundled PostgreSQL.',
    rule: 'must be the path of a directory',
  },
  DATABASE_URL: {
    default: 'unset: the bundled PostgreSQL',
    description: 'A PostgreSQL 15 to 18 of your own.',
    rule: 'must be a postgres:// or postgresql:// URL',
  },
  TRIBUTARY_CONFIG: {
    flag: 'config',
    option: '--config',
    default: 'unset: no file',
    description: 'Path of the configuration file.',
    rule: 'must be the path of a file',
  },
  TLS_CERT: {
    default: 'unset: plain HTTP',
    description: 'Certificate chain, PEM file; together with TLS_KEY.',
    rule: 'must be the path of a file',
  },
  TLS_KEY: {
    default: 'unset: plain HTTP',
    description: 'Private key, PEM file; together with TLS_CERT.',
    rule: 'must be the path of a file',
  },
  PUBLIC_URL: {
    default: 'http(s)://HOST:PORT',
    description: 'Where people reach the server: links in mails lead there.',
    rule: 'must be an http:// or https:// URL without a query',
  },
  TRUST_PROXY: {
    default: 'false',
    description:
      'Whose X-Forwarded-* headers count: `true` (anyone), a number of hops, or addresses and networks.',
    rule: 'must be true, false, a number of hops, or addresses and networks (10.0.0.0/8) with commas between them',
  },
  LOG_LEVEL: {
    default: 'server.logLevel of the file, else info',
    description: `The least level that is logged: ${LOG_LEVELS.join(', ')}.`,
    rule: `must be one of ${LOG_LEVELS.join(', ')}`,
  },
  TRIBUTARY_SECRET_KEY: {
    default: 'unset: secret.key in the data directory, made at first need',
    description:
      'The key under which secrets are sealed that must be read back. A backup is worth little without it.',
    rule: 'must be 32 bytes, as base64 or as 64 hexadecimal digits',
  },
} as const satisfies Record<string, Variable>

/** A variable that the server knows. */
export type VariableName = keyof typeof ENVIRONMENT

const OWN_PREFIX = 'TRIBUTARY_'
const HOPS_MAX = 100
/** Names that Fastify knows for private networks. */
const PROXY_NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

/** A setting as given: by which name, for errors, and its text. */
export interface Given {
  key: string
  text: string
}

/** Finds a setting; an empty one counts as not given, because compose files cannot leave a variable out. */
export function findSetting(flags: Flags, env: Environment, name: VariableName): Given | undefined {
  const { flag, option = name }: Variable = ENVIRONMENT[name]
  const typed = flag && flags[flag]
  if (typed !== undefined) return { key: option, text: typed }
  const text = env[name]
  return text === undefined || text === '' ? undefined : { key: name, text }
}

/** Variables with the product's prefix that it does not know: most often a misspelt setting. */
export function findUnknownVariables(env: Environment, isReferredTo: (name: string) => boolean): Problem[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(OWN_PREFIX) && !Object.hasOwn(ENVIRONMENT, name) && !isReferredTo(name))
    .sort()
    .map((key) => ({ key, message: 'unknown environment variable' }))
}

/** A URL without a slash at the end, so that paths can be put behind it. */
export function parsePublicUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url !== undefined && ['http:', 'https:'].includes(url.protocol)
  return isWeb && url.search === '' && url.hash === '' ? text.replace(/\/+$/, '') : undefined
}

/** Any text but an empty one. */
export function parseText(text: string): string | undefined {
  return text.trim() === '' ? undefined : text
}

/** A host name or address without anything around it. */
export function parseHost(text: string): string | undefined {
  return /^[A-Za-z0-9._:%-]+$/.test(text) ? text : undefined
}

/** 0 to 65535. */
export function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

/** Only the scheme is looked at: PostgreSQL's URLs may name several hosts or none. */
export function parseDatabaseUrl(text: string): string | undefined {
  return /^postgres(ql)?:\/\/\S+$/.test(text) ? text : undefined
}

/** 32 bytes as base64 or as 64 hexadecimal digits; undefined when the text is neither. */
export function parseSecretKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined
  const key = Buffer.from(text, 'base64')
  return key.length === 32 ? key : undefined
}

/** A level of the log. */
export function parseLogLevel(text: string): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === text)
}

/** What Fastify takes as `trustProxy`. */
export function parseTrustProxy(text: string): boolean | number | string[] | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^\d+$/.test(text)) return Number(text) <= HOPS_MAX ? Number(text) : undefined
  const addresses = text.split(',').map((address) => address.trim())
  return addresses.every(isProxyAddress) ? addresses : undefined
}

function isProxyAddress(text: string): boolean {
  if (PROXY_NETWORKS.has(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
