import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LinkUse, ShownLink } from '../../core/accounts/index.ts'
import { CdpError, STATUS_OF_KIND } from '../../model/errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import { operationOf } from '../access-log.ts'
import { addErrorHeaders, asCdpError } from '../errors.ts'
import { pathOf } from '../mount.ts'
import { ownOriginOf } from '../own-origin.ts'
import type { Services } from '../services.ts'
import { STYLESHEET_NAME, donePage, linkPage, problemPage } from './pages.ts'
import { STYLESHEET } from './stylesheet.ts'
import { PAGE_PURPOSES, PASSWORD_PURPOSES } from './texts.ts'
import type { PagePurpose } from './texts.ts'

/** Where the pages answer; links in mails lead below it. */
const PREFIX = '/account'

/** A form has a token and two passwords of at most 1,024 characters, percent-encoded. */
const FORM_BYTES_MAX = 8 * 1024

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** No script, and nobody but this server is asked for anything. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

const STYLESHEET_AGE_SECONDS = 3_600

type AccountServices = Pick<Services, 'accounts' | 'invitations'>

/**
 * Adds the pages that links in mails lead to, for workspaces without pages of their own. A GET only shows; the button's
 * POST uses the link up.
 * @param publicUrl where people reach this server, which may be another origin than the one behind a proxy
 */
export async function addAccountPages(
  app: FastifyInstance,
  services: AccountServices,
  publicUrl: string,
): Promise<void> {
  const register = async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onRequest', async (_request, reply) => void reply.headers(HEADERS))
    acceptForms(scope)
    scope.setErrorHandler(answerProblem)
    scope.setNotFoundHandler(refuseUnrouted)
    scope.get(`/${STYLESHEET_NAME}`, { config: { operation: 'account-style' } }, sendStylesheet)
    for (const purpose of PAGE_PURPOSES) {
      const config = { operation: `account-${purpose}` }
      const path = `/${purpose}`
      scope.get(path, { config, exposeHeadRoute: true }, (request, reply) =>
        show(services, purpose, request, reply),
      )
      const onRequest = async (request: FastifyRequest): Promise<void> =>
        refuseForeignForm(request, publicUrl)
      scope.post(path, { config, bodyLimit: FORM_BYTES_MAX, onRequest }, (request, reply) =>
        use(services, purpose, request, reply),
      )
    }
  }
  await app.register(register, { prefix: PREFIX })
}

/** Forms are taken here and nowhere else, and nothing else is. */
function acceptForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  const options = { parseAs: 'string', bodyLimit: FORM_BYTES_MAX } as const
  scope.addContentTypeParser(
    FORM_TYPE,
    options,
    async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
  )
}

async function sendStylesheet(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.header('Cache-Control', `public, max-age=${STYLESHEET_AGE_SECONDS}`)
  return reply.type('text/css; charset=utf-8').send(STYLESHEET)
}

/**
 * The token in the form is the secret that another site does not have; this only keeps out what is plainly foreign. A page
 * with `no-referrer` posts `Origin: null`, so that says nothing.
 * @throws CDP_ORIGIN_FORBIDDEN
 */
function refuseForeignForm(request: FastifyRequest, publicUrl: string): void {
  const { origin = 'null', 'sec-fetch-site': site } = request.headers
  const own = ['null', ownOriginOf(request), new URL(publicUrl).origin]
  const isForeign = !own.includes(origin) || site === 'cross-site' || site === 'same-site'
  if (isForeign) throw new CdpError('CDP_ORIGIN_FORBIDDEN')
}

/** What a page tells of its link. */
function readLink(
  { accounts, invitations }: AccountServices,
  purpose: PagePurpose,
  token: string,
): Promise<ShownLink> {
  return purpose === 'user-invitation' ? invitations.show(token) : accounts.showLink(purpose, token)
}

/** Does what a link is for. */
async function useLink(
  { accounts, invitations }: AccountServices,
  { purpose, ...use }: Omit<LinkUse, 'purpose'> & { purpose: PagePurpose },
): Promise<void> {
  if (purpose === 'user-invitation') await invitations.accept(use.token, use.password, use)
  else await accounts.useLink({ purpose, ...use })
}

async function show(
  services: AccountServices,
  purpose: PagePurpose,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { token: given } = request.query as Record<string, unknown>
  const token = typeof given === 'string' ? given : ''
  const link = await readLink(services, purpose, token)
  return sendPage(reply, 200, linkPage({ purpose, token, link }))
}

async function use(
  services: AccountServices,
  purpose: PagePurpose,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  const token = form.get('token') ?? ''
  const password = form.get('password') ?? ''
  const link = await readLink(services, purpose, token)
  const refuse = (fault: string): FastifyReply =>
    sendPage(reply, STATUS_OF_KIND.invalid, linkPage({ purpose, token, link, fault }))
  if (PASSWORD_PURPOSES.includes(purpose) && password !== (form.get('repeated') ?? ''))
    return refuse('The two passwords are not the same.')
  const { id: traceId, receivedAt, ip: address } = request
  try {
    await useLink(services, { purpose, token, password, traceId, receivedAt, address })
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_PASSWORD_WEAK')
      return refuse('This password does not meet the rules below.')
    throw error
  }
  return sendPage(reply, 200, donePage(purpose))
}

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(page)
}

/** To people a link that is no good is a page that is not there. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  CDP_CODE_INVALID: 404,
  CDP_INVITATION_NOT_FOUND: 404,
  CDP_CODE_EXPIRED: 410,
}

function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asCdpError(thrown)
  if (error.kind === 'internal' || error.kind === 'unavailable')
    request.log.error({ traceId: request.id, code: error.code, err: error.cause ?? error }, error.message)
  if (error.code === 'CDP_METHOD_NOT_ALLOWED') reply.header('Allow', 'GET, HEAD, POST')
  addErrorHeaders(reply, error)
  const purpose = PAGE_PURPOSES.find((name) => operationOf(request) === `account-${name}`)
  const status = STATUS_OF_CODE[error.code] ?? STATUS_OF_KIND[error.kind]
  return sendPage(reply, status, problemPage(error, purpose))
}

/** @throws CDP_METHOD_NOT_ALLOWED CDP_PATH_UNKNOWN */
function refuseUnrouted(request: FastifyRequest): never {
  const isKnown = PAGE_PURPOSES.some((purpose) => pathOf(request.url) === `${PREFIX}/${purpose}`)
  throw new CdpError(isKnown ? 'CDP_METHOD_NOT_ALLOWED' : 'CDP_PATH_UNKNOWN')
}
