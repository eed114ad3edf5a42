import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixturesOf } from '../../src/dialects/fixtures.ts'
import type { Fixture } from '../../src/dialects/fixtures.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { DocumentOperation, OpenApiDocument } from '../../src/http/openapi/document.ts'
import { slugOf } from '../../src/http/openapi/responses.ts'
import { ERRORS } from '../../src/model/errors.ts'
import { mapTexts, prepareFixture, replayFixture, withMatchers } from '../contract/fixtures.ts'
import { openHarness } from '../contract/harness.ts'
import { OPERATOR } from '../contract/harness.ts'
import type { Harness, Reply } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** The document that the server answers. */
async function documentOf(dialect: string): Promise<OpenApiDocument> {
  const reply = await harness.raw('GET', `/openapi/${dialect}.json`)
  expect(reply.status).toBe(200)
  return reply.body as OpenApiDocument
}

/** Every operation of a document, with its method and path as the operation table writes them. */
function operationsOf(document: OpenApiDocument) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      operation,
    })),
  )
}

/** A fixture's value with any value in the place of its placeholders. */
function anyOf(value: unknown): unknown {
  const open = (text: string): unknown => {
    if (text === '@among') return text
    const matcher = withMatchers(text)
    return matcher === text && /^@\w+$/.test(text) ? expect.anything() : matcher
  }
  return mapTexts(value, open, (list) => list.filter((item) => item !== '@among'))
}

it('/openapi.json is the document of the native API', async () => {
  const reply = await harness.raw('GET', '/openapi.json')
  expect(reply.status).toBe(200)
  expect(reply.body).toEqual(await documentOf('native'))
})

it('a dialect that does not exist is not found, in the native shape', async () => {
  const reply = await harness.raw('GET', '/openapi/nobody.json')
  expect(reply.status).toBe(404)
  expect(reply.body).toMatchObject({ code: 'CDP_PATH_UNKNOWN' })
})

describe.each(dialects.map(({ name, operations, documentation }) => ({ name, operations, documentation })))(
  '$name',
  ({ name, operations, documentation }) => {
    /** The good fixture of an operation. */
    const goodOf = (id: string): Fixture => {
      const own = fixturesOf(name).filter(({ operation }) => operation === id)
      // What succeeds only with the server of somebody else, or not yet, has none that is good.
      return own.find(({ answer }) => answer.status < 300) ?? own[0]!
    }

    it('the document is the one in docs/openapi, which the stage "openapi" lints', async () => {
      const file = new URL(`../../docs/openapi/${name}.json`, import.meta.url)
      const document = await documentOf(name)
      expect(document.openapi).toBe('3.1.0')
      expect(document).toEqual(JSON.parse(readFileSync(file, 'utf8')))
    })

    it('has every operation once, and no other', async () => {
      const found = operationsOf(await documentOf(name))
      expect(found.map(({ route }) => route).sort()).toEqual(
        operations.map(({ method, path }) => `${method} ${path}`).sort(),
      )
      expect(found.map(({ operation }) => operation.operationId).sort()).toEqual(
        operations.map(({ id }) => id).sort(),
      )
    })

    it('shows a success of every operation', async () => {
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        const statuses = Object.keys(operation.responses).map(Number)
        expect([route, statuses.some((each) => each < 300)]).toEqual([route, true])
      }
    })

    it('says of each parameter of a path what it is', async () => {
      const unexplained = operationsOf(await documentOf(name)).flatMap(({ route, operation }) =>
        (operation.parameters ?? [])
          .filter(({ in: place, description = '' }) => place === 'path' && !description.endsWith('.'))
          .map((parameter) => `${route} ${parameter.name}`),
      )
      expect(unexplained).toEqual([])
    })

    it('every body that is shown is one that its schema takes, and every body has one', async () => {
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        for (const { schema, examples = {} } of Object.values(operation.requestBody?.content ?? {})) {
          const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema)
          expect(Object.keys(examples), route).not.toEqual([])
          for (const { value } of Object.values(examples)) expect(isValid(value), route).toBe(true)
        }
      }
    })

    it('every example is a fixture, which the contract tests run, or an error of the table', async () => {
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        const own = fixturesOf(name).filter(({ operation: id }) => id === operation.operationId)
        const named = (key: string): Fixture | undefined =>
          own.find((fixture) => slugOf(fixture.name) === key)
        for (const [type, { examples = {} }] of Object.entries(operation.requestBody?.content ?? {}))
          for (const [key, { value }] of Object.entries(examples)) {
            const body = anyOf(named(key)?.request.body)
            expect(value, `${route} ${key}`).toEqual(type === 'multipart/form-data' ? { file: body } : body)
          }
        for (const { key, status, value } of answersOf(operation)) {
          expect(value, `${route} ${key}`).toEqual(anyOf(named(key)?.answer.body))
          expect(named(key)?.answer.status).toBe(status)
        }
      }
    })

    it('no placeholder of a fixture is left in it', async () => {
      expect(JSON.stringify(await documentOf(name))).not.toMatch(/"@\w+"/)
    })

    it('shows refusals as the server answers them: status, members, media type', async () => {
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        const id = operation.operationId
        for (const [code, reply] of Object.entries(await refusalsOf(name, id, goodOf(id)))) {
          const shown = operation.responses[reply.status]?.content ?? {}
          const [type = '', { examples = {} } = {}] = Object.entries(shown)[0] ?? []
          expect(Object.keys(examples), `${route} ${code}`).toContain(code)
          expect(membersOf(examples[code]?.value), `${route} ${code}`).toEqual(membersOf(reply.body))
          expect(String(reply.headers['content-type'])).toContain(type)
        }
      }
    })

    it('names the Idempotency-Key exactly where it is read', async () => {
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        const isNamed =
          operation.parameters?.some((parameter) => parameter.name === 'Idempotency-Key') ?? false
        const headers = { 'idempotency-key': 'x'.repeat(256) }
        const { reply } = await replayFixture(harness, name, goodOf(operation.operationId), headers)
        expect(reply.text.includes(ERRORS.CDP_IDEMPOTENCY_KEY_INVALID.message), route).toBe(isNamed)
      }
    })

    it('asks for a credential exactly where the server does', async () => {
      // OpenAPI has no word for a credential in the body; its schema asks for it.
      const isInBody = Object.keys(documentation.securitySchemes).length === 0
      for (const { route, operation } of operationsOf(await documentOf(name))) {
        const { id, open } = operations.find((one) => one.id === operation.operationId)!
        const { security } = operation as unknown as { security: object[] }
        expect(security.length === 0, route).toBe(open === true || isInBody)
        const request = await requestOf(goodOf(id))
        const { authorization: _own, ...headers } = request.headers ?? {}
        const reply = await harness.call(name, id, { ...request, headers, credential: 'none' })
        expect(reply.status === (isInBody ? 400 : 401), route).toBe(open !== true)
      }
    })
  },
)

/** The examples of answers that are no errors of the table by their code. */
function answersOf({ responses }: DocumentOperation): { key: string; status: number; value: unknown }[] {
  return Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.values(content)
      .flatMap(({ examples }) => Object.entries(examples))
      .filter(([key]) => !(key in ERRORS))
      .map(([key, { value }]) => ({ key, status: Number(status), value })),
  )
}

/** What the server answers to calls that it must refuse with these codes. */
async function refusalsOf(name: string, id: string, good: Fixture): Promise<Record<string, Reply>> {
  const request = await requestOf(good)
  const { headers = {} } = request
  const { authorization: _own, ...keyed } = headers
  const call = (change: object): Promise<Reply> => harness.call(name, id, { ...request, ...change })
  const operation = dialects.flatMap(({ operations }) => operations).find((one) => one.id === id)
  const open = operation?.open === true
  const type = { ...headers, 'content-type': 'text/plain' }
  return {
    ...(!open && { CDP_KEY_MISSING: await call({ credential: 'none', headers: keyed }) }),
    ...(good.request.body !== undefined && {
      // A file is read as it comes: what cannot be read of it is a row that is refused later.
      ...(typeof good.request.body !== 'string' && {
        CDP_BODY_UNPARSABLE: await call({ rawBody: '{' }),
      }),
      CDP_BODY_TOO_LARGE: await call({ rawBody: JSON.stringify('x'.repeat(300_000)) }),
      CDP_MEDIA_TYPE_UNSUPPORTED: await call({ rawBody: 'x', headers: type }),
    }),
  }
}

/**
 * A call that the fixture could make now. What came before it is run again for people of a shop, who are new each time, and for
 * users who enter a workspace; other users log in, and a key that an earlier call gave is not there: the workspace's own does for a call that is refused.
 */
async function requestOf(good: Fixture): Promise<Fixture['request']> {
  const { settings, ...rest } = good
  const { given = [], request } = rest
  const logins = ['login-anonymous', 'login-profile', 'select-workspace']
  if (given.some(({ operation }) => logins.includes(operation))) {
    // With other settings a registration would wait for a proof that is not given here.
    const first = settings ? given.slice(0, 1) : given
    return (await prepareFixture(harness, { ...rest, given: first })).request
  }
  const { authorization: _taken, ...headers } = request.headers ?? {}
  const login = given.find(({ operation }) => ['log-in', 'login-user'].includes(operation))
  if (!login) return { ...request, headers }
  const { email, username, password } = { ...OPERATOR, username: OPERATOR.email }
  const body = login.dialect === 'native' ? { email, password } : { username, password }
  const reply = await harness.call(login.dialect, login.operation, { body })
  const authorization = `Bearer ${(reply.body as { token: string }).token}`
  return { ...request, headers: { ...headers, authorization } }
}

function membersOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, membersOf(member)]))
}
