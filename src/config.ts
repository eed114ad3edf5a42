import { readFile as readFileOfDisk } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Declaration } from './core/workspaces/index.ts'
import { toDeclaration } from './config/declaration.ts'
import {
  ENVIRONMENT,
  findSetting,
  findUnknownVariables,
  parseDatabaseUrl,
  parseHost,
  parseLogLevel,
  parsePort,
  parsePublicUrl,
  parseSecretKey,
  parseText,
  parseTrustProxy,
} from './config/environment.ts'
import type { Flags, VariableName } from './config/environment.ts'
import { describeReadFailure, readConfigFile } from './config/file.ts'
import type { FileReading, ReadFile } from './config/file.ts'
import { configError } from './config/problems.ts'
import type { Problem } from './config/problems.ts'
import { refersTo, resolveReferences } from './config/references.ts'
import type { Environment } from './config/references.ts'
import type { ConfigFile, LogLevel, ServerSection } from './config/schema.ts'
import { emptyFile } from './config/validate.ts'

export { EXIT_STATUSES, exitCodeOf } from './config/exit-codes.ts'
export { VENDOR_SETTINGS } from './config/vendor-blocks.ts'
export { parseSecretKey } from './config/environment.ts'
export type { Flags } from './config/environment.ts'
export type { LogLevel } from './config/schema.ts'

/** Bounds of the server: bytes, milliseconds, counts. */
export type ServerLimits = Omit<ServerSection, 'logLevel'>

/** All that a process needs to know to run. Paths are absolute. Holds secrets: never log it. */
export interface ServerConfig {
  host: string
  /** 0 takes any free port. */
  port: number
  dataDir: string
  /** Undefined: the bundled PostgreSQL in `dataDir`. */
  databaseUrl: string | undefined
  /** 32 bytes; undefined: the file in `dataDir`. */
  secretKey: Buffer | undefined
  tls: { certFile: string; keyFile: string } | undefined
  /** Without a slash at the end; undefined: host and port. */
  publicUrl: string | undefined
  trustProxy: boolean | number | string[]
  logLevel: LogLevel
  limits: ServerLimits
  /** Undefined when there is no configuration file; nothing is to be applied then. */
  declaration: Declaration | undefined
  google: ConfigFile['google']
  mail: ConfigFile['mail']
  sms: ConfigFile['sms']
}

/** Where the configuration comes from, beside the command line; tests give their own. */
export interface Surroundings {
  env?: Environment
  readFile?: ReadFile
}

/**
 * Reads the configuration: command line, environment, file. The only reader of the process environment.
 * @param flags options of the command line; each wins over its variable
 * @throws CDP_CONFIG_INVALID `message` has one line for each error, names its key and shows no value
 */
export async function readConfig(flags: Flags = {}, surroundings: Surroundings = {}): Promise<ServerConfig> {
  const { env = process.env, readFile = (path) => readFileOfDisk(path, 'utf8') } = surroundings
  const reader = openSettings(flags, env)
  const settings = await readSettings(reader, readFile)
  const reading = await readFileOf({ flags, env, readFile })
  const problems = [
    ...reader.problems,
    ...findUnknownVariables(env, (name) => reading !== undefined && refersTo(reading.text, name)),
    ...(reading?.problems ?? []),
  ]
  if (problems.length > 0) throw configError(problems)
  return assemble(settings, reading)
}

/**
 * A text of the command line; `env:NAME` stands for the value of that variable, as in the file.
 * @throws CDP_CONFIG_INVALID it is not set
 */
export function resolveText(option: string, text: string, env: Environment = process.env): string {
  const holder = { [option]: text }
  const problems = resolveReferences(holder, env)
  if (problems.length > 0) throw configError(problems.map(({ message }) => ({ key: option, message })))
  return holder[option] ?? text
}

/**
 * The configuration without its file, for a look at an installation whose file is broken.
 * @throws CDP_CONFIG_INVALID command line or environment are wrong, too
 */
export async function readConfigWithoutFile(
  flags: Flags,
  env: Environment = process.env,
): Promise<ServerConfig> {
  return readConfig({ ...flags, config: undefined }, { env: { ...env, TRIBUTARY_CONFIG: undefined } })
}

/** Reads single settings and gathers what is wrong with them. */
interface SettingReader {
  problems: Problem[]
  /** The setting, or `fallback` when it is not given or wrong. */
  read: <T, F>(name: VariableName, parse: (text: string) => T | undefined, fallback: F) => T | F
}

function openSettings(flags: Flags, env: Environment): SettingReader {
  const problems: Problem[] = []
  const read = <T, F>(name: VariableName, parse: (text: string) => T | undefined, fallback: F): T | F => {
    const given = findSetting(flags, env, name)
    if (given === undefined) return fallback
    const value = parse(given.text)
    if (value === undefined) problems.push({ key: given.key, message: ENVIRONMENT[name].rule })
    return value ?? fallback
  }
  return { problems, read }
}

type Settings = Awaited<ReturnType<typeof readSettings>>

async function readSettings(reader: SettingReader, readFile: ReadFile) {
  const { read } = reader
  return {
    host: read('HOST', parseHost, ENVIRONMENT.HOST.default),
    port: read('PORT', parsePort, Number(ENVIRONMENT.PORT.default)),
    dataDir: resolve(read('TRIBUTARY_DATA_DIR', parseText, defaultDataDir())),
    databaseUrl: read('DATABASE_URL', parseDatabaseUrl, undefined),
    tls: await readTls(reader, readFile),
    publicUrl: read('PUBLIC_URL', parsePublicUrl, undefined),
    trustProxy: read('TRUST_PROXY', parseTrustProxy, false),
    logLevel: read('LOG_LEVEL', parseLogLevel, undefined),
    secretKey: read('TRIBUTARY_SECRET_KEY', parseSecretKey, undefined),
  }
}

/** This file lies one folder below the package, in src as well as in dist. */
function defaultDataDir(): string {
  return join(fileURLToPath(new URL('..', import.meta.url)), '.tributary')
}

/** Both files are read once here, so that a wrong path is an error that names its variable. */
async function readTls({ problems, read }: SettingReader, readFile: ReadFile): Promise<ServerConfig['tls']> {
  const certFile = read('TLS_CERT', parseText, undefined)
  const keyFile = read('TLS_KEY', parseText, undefined)
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined)
    problems.push({ key: 'TLS_CERT', message: 'is required, because TLS_KEY is set' })
  if (keyFile === undefined)
    problems.push({ key: 'TLS_KEY', message: 'is required, because TLS_CERT is set' })
  if (certFile === undefined || keyFile === undefined) return undefined
  for (const [key, path] of [
    ['TLS_CERT', certFile],
    ['TLS_KEY', keyFile],
  ] as const) {
    await readFile(resolve(path)).catch((error: unknown) => {
      problems.push({ key, message: describeReadFailure(path, error) })
    })
  }
  return { certFile: resolve(certFile), keyFile: resolve(keyFile) }
}

/** @returns undefined when no file is named */
async function readFileOf(from: {
  flags: Flags
  env: Environment
  readFile: ReadFile
}): Promise<FileReading | undefined> {
  const given = findSetting(from.flags, from.env, 'TRIBUTARY_CONFIG')
  if (given === undefined) return undefined
  return readConfigFile({ key: given.key, path: resolve(given.text), readFile: from.readFile }, from.env)
}

function assemble({ logLevel, ...settings }: Settings, reading: FileReading | undefined): ServerConfig {
  const { server, google, mail, sms } = reading?.file ?? emptyFile()
  const { logLevel: fileLogLevel, ...limits } = server
  return {
    ...settings,
    logLevel: logLevel ?? fileLogLevel,
    limits,
    declaration: reading && toDeclaration(reading.file),
    google,
    mail,
    sms,
  }
}
