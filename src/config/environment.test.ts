import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { Flags, ServerConfig, Surroundings } from '../config.ts'
import { CdpError } from '../model/errors.ts'

/** Where a reading comes from: the command line, the environment, files. */
type Input = Surroundings & { flags?: Flags }

async function read({ flags = {}, ...surroundings }: Input): Promise<ServerConfig> {
  return readConfig(flags, { env: {}, ...surroundings })
}

/** The lines of the error that reading ends with; none when all is right. */
async function problemsOf(input: Input): Promise<string[]> {
  const error: unknown = await read(input).then(
    () => undefined,
    (refusal: unknown) => refusal,
  )
  if (error === undefined) return []
  if (error instanceof CdpError && error.code === 'CDP_CONFIG_INVALID') return error.message.split('\n')
  throw error
}

const noFile = async (): Promise<string> => ''

test('without any configuration the documented defaults hold', async () => {
  expect(await read({ env: {} })).toEqual({
    host: '127.0.0.1',
    port: 4100,
    dataDir: resolve('.tributary'),
    databaseUrl: undefined,
    tls: undefined,
    publicUrl: undefined,
    trustProxy: false,
    logLevel: 'info',
    limits: {
      bodyBytesMax: 5_242_880,
      importBytesMax: 33_554_432,
      uploadBytesMax: 1_073_741_824,
      uploadTimeoutMs: 3_600_000,
      jsonDepthMax: 32,
      requestTimeoutMs: 30_000,
      headersTimeoutMs: 10_000,
      keepAliveTimeoutMs: 72_000,
      shutdownTimeoutMs: 30_000,
      processes: 1,
      allowPrivateUrls: false,
      backgroundWork: true,
    },
    declaration: undefined,
    mail: undefined,
    sms: undefined,
  })
})

test('the environment sets what it names, and an empty variable is as none', async () => {
  const env = {
    HOST: '::',
    PORT: '0',
    TRIBUTARY_DATA_DIR: '/var/lib/tributary',
    DATABASE_URL: 'postgres://u:p@db/tributary',
    TLS_CERT: '/tls/cert.pem',
    TLS_KEY: '/tls/key.pem',
    LOG_LEVEL: 'debug',
    TRIBUTARY_CONFIG: '',
    TRIBUTARY_SECRET_KEY: 'ab'.repeat(32),
  }
  expect(await read({ env, readFile: noFile })).toMatchObject({
    host: '::',
    port: 0,
    dataDir: '/var/lib/tributary',
    databaseUrl: 'postgres://u:p@db/tributary',
    tls: { certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
    logLevel: 'debug',
    secretKey: Buffer.alloc(32, 0xab),
    declaration: undefined,
  })
})

test('an option of the command line wins over its variable', async () => {
  const env = { HOST: '10.0.0.1', PORT: '1', TRIBUTARY_DATA_DIR: '/a', TRIBUTARY_CONFIG: '/missing.json' }
  const flags = { host: 'localhost', port: '2', dataDir: '/b', config: '/there.json' }
  const paths: string[] = []
  const readFile = async (path: string): Promise<string> => {
    paths.push(path)
    return '{}'
  }
  expect(await read({ flags, env, readFile })).toMatchObject({ host: 'localhost', port: 2, dataDir: '/b' })
  expect(paths).toEqual(['/there.json'])
})

test('LOG_LEVEL wins over the file', async () => {
  const readFile = async (): Promise<string> => '{"server":{"logLevel":"warn"}}'
  const env = { TRIBUTARY_CONFIG: '/c.json' }
  expect((await read({ env, readFile })).logLevel).toBe('warn')
  expect((await read({ env: { ...env, LOG_LEVEL: 'trace' }, readFile })).logLevel).toBe('trace')
})

test.each([
  ['true', true],
  ['false', false],
  ['2', 2],
  ['127.0.0.1', ['127.0.0.1']],
  ['loopback, 10.0.0.0/8,fd00::/8', ['loopback', '10.0.0.0/8', 'fd00::/8']],
])('TRUST_PROXY %s is understood', async (text, expected) => {
  expect((await read({ env: { TRUST_PROXY: text } })).trustProxy).toEqual(expected)
})

test.each(['yes', '-1', '1.5', '1000', '10.0.0.0/33', '10.0.0.0/8/8', 'proxy.example.com', 'a,', ','])(
  'TRUST_PROXY %s is refused',
  async (text) => {
    expect(await problemsOf({ env: { TRUST_PROXY: text } })).toEqual([
      expect.stringMatching(/^TRUST_PROXY: must be true/),
    ])
  },
)

test('every wrong setting is named at once, by the name it was given under', async () => {
  const env = { PORT: '70000', HOST: 'a b', DATABASE_URL: 'mysql://secret@db', LOG_LEVEL: 'loud' }
  expect(await problemsOf({ env, flags: { port: 'x' } })).toEqual([
    'HOST: must be an IP address or a host name',
    '--port: must be a whole number from 0 to 65535',
    'DATABASE_URL: must be a postgres:// or postgresql:// URL',
    'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent',
  ])
  expect(await problemsOf({ flags: { dataDir: '' } })).toEqual([
    '--data-dir: must be the path of a directory',
  ])
})

test('an unknown variable with the prefix of the product is named, others are not looked at', async () => {
  const env = { TRIBUTARY_DATADIR: '/x', TRIBUTARY_ZONE: '', PATH: '/bin', XTRIBUTARY_A: '' }
  expect(await problemsOf({ env })).toEqual([
    'TRIBUTARY_DATADIR: unknown environment variable',
    'TRIBUTARY_ZONE: unknown environment variable',
  ])
})

test('a variable that the file refers to is known, even when the file is not valid', async () => {
  const env = { TRIBUTARY_CONFIG: '/c.json', TRIBUTARY_PASSWORD: 'long enough' }
  const user = '{"email":"a@b.c","password":"env:TRIBUTARY_PASSWORD","role":"owner"}'
  expect(await problemsOf({ env, readFile: async () => `{"users":[${user}]}` })).toEqual([])
  expect(await problemsOf({ env, readFile: async () => `{"users":[${user}` })).toEqual([
    '/c.json line 1: is not valid JSON',
  ])
})

test('certificate and key come together and must be readable', async () => {
  const missing = async (): Promise<string> => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  expect(await problemsOf({ env: { TLS_CERT: '/c.pem' }, readFile: noFile })).toEqual([
    'TLS_KEY: is required, because TLS_CERT is set',
  ])
  expect(await problemsOf({ env: { TLS_KEY: '/k.pem' }, readFile: noFile })).toEqual([
    'TLS_CERT: is required, because TLS_KEY is set',
  ])
  expect(await problemsOf({ env: { TLS_CERT: '/c.pem', TLS_KEY: '/k.pem' }, readFile: missing })).toEqual([
    'TLS_CERT: cannot read /c.pem (ENOENT)',
    'TLS_KEY: cannot read /k.pem (ENOENT)',
  ])
})
