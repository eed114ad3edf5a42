import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { showContent, showMessage, showMessageSummary, showTemplate } from './message-mapping.ts'
import { MessageListQuery, PreviewBody, TemplateBody, TestMessageBody } from './message-schemas.ts'
import { NoQuery } from './schemas.ts'

type Handler = (services: Services, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Adds the routes of the outbox and of the templates. */
export function registerMessages(app: FastifyInstance, services: Services): void {
  const add = (
    operation: string,
    [method, path]: readonly ['GET' | 'POST' | 'PUT' | 'DELETE', string],
    permission: string,
    schema: object,
    handle: Handler,
  ): void => {
    app.route({
      method,
      url: `/api/v1${path}`,
      schema,
      config: { operation },
      onRequest: guard(services, permission),
      handler: (request, reply) => handle(services, request, reply),
    })
  }
  const query = { querystring: NoQuery }
  const template = '/message-templates/:name'
  add('list-messages', ['GET', '/outbox'], 'outbox:read', { querystring: MessageListQuery }, listMessages)
  add('get-message', ['GET', '/outbox/:messageId'], 'outbox:read', query, getMessage)
  add('retry-message', ['POST', '/outbox/:messageId/retry'], 'outbox:retry', query, retryMessage)
  add('send-test-message', ['POST', '/messages/test'], 'messages:send', { body: TestMessageBody }, sendTest)
  add('list-message-templates', ['GET', '/message-templates'], READ_TEMPLATES, query, listTemplates)
  add('get-message-template', ['GET', template], READ_TEMPLATES, query, getTemplate)
  add('put-message-template', ['PUT', template], WRITE_TEMPLATES, { body: TemplateBody }, putTemplate)
  add('delete-message-template', ['DELETE', template], WRITE_TEMPLATES, query, deleteTemplate)
  add(
    'preview-message-template',
    ['POST', `${template}/preview`],
    READ_TEMPLATES,
    { body: PreviewBody },
    previewTemplate,
  )
}

const READ_TEMPLATES = 'message-templates:read'

const WRITE_TEMPLATES = 'message-templates:write'

const listMessages: Handler = async ({ messages }, request) => {
  const { limit, cursor, state, template, recipient } = request.query as MessageListQuery
  const workspaceId = workspaceIdOf(request)
  const page = await messages.list({
    workspaceId,
    state,
    template,
    recipient,
    cursor,
    limit: readLimit(limit),
  })
  return { items: page.items.map(showMessageSummary), nextCursor: page.nextCursor }
}

const getMessage: Handler = async ({ messages }, request) =>
  showMessage(await messages.get(workspaceIdOf(request), messageIdOf(request)))

const retryMessage: Handler = async ({ messages }, request) =>
  showMessageSummary(await messages.retry(workspaceIdOf(request), messageIdOf(request)))

/** Accepted, not sent: what became of it stands in the outbox. */
const sendTest: Handler = async ({ messages }, request, reply) => {
  const { workspace } = callerOf(request)
  const body = request.body as TestMessageBody
  const message = await messages.sendTest({ workspace, ...body, once: onceOf(request) })
  reply.code(202).header('Location', `/api/v1/outbox/${message.messageId}`)
  return showMessageSummary(message)
}

/** A handful of messages: one page. */
const listTemplates: Handler = async ({ messages }, request) => {
  const items = await messages.templates.list(workspaceIdOf(request))
  return { items: items.map(showTemplate), nextCursor: null }
}

const getTemplate: Handler = async ({ messages }, request) =>
  showTemplate(await messages.templates.get(workspaceIdOf(request), nameOf(request)))

const putTemplate: Handler = async ({ messages }, request) => {
  const draft = request.body as TemplateBody
  return showTemplate(await messages.templates.save(workspaceIdOf(request), nameOf(request), draft))
}

const deleteTemplate: Handler = async ({ messages }, request, reply) => {
  await messages.templates.reset(workspaceIdOf(request), nameOf(request))
  return reply.code(204).send()
}

const previewTemplate: Handler = async ({ messages }, request) => {
  const { draft } = request.body as PreviewBody
  return showContent(await messages.templates.preview(workspaceIdOf(request), nameOf(request), draft))
}

function workspaceIdOf(request: FastifyRequest): number {
  return callerOf(request).workspace.id
}

function messageIdOf(request: FastifyRequest): string {
  return (request.params as { messageId: string }).messageId
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name
}
