import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Profile } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import { isRepeated } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { storeUnit } from '../../../http/unit.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import type { Command, CommandResult } from '../../../model/command.ts'
import { clientIdOf, livingProfile, requireCompany, sendText } from '../clients/subject.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { lastActivityOf, showDetails } from './fields.ts'
import { autocomplete, listContacts } from './lists.ts'
import { mapContact } from './mapping.ts'
import {
  AutocompleteQuery,
  CompanyListQuery,
  ContactBody,
  ContactListQuery,
  MemberListQuery,
} from './schemas.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Adds the routes of contacts and companies. */
export function registerCrm(app: FastifyInstance, services: Services): void {
  const add = (id: string, schema: object, handler: Handler): void => {
    const { method, path } = operation(id)
    const options: RouteShorthandOptions = {
      schema,
      config: { operation: id },
      onRequest: guard(services, operation(id)),
    }
    app.route({ method, url: path, ...options, handler })
  }
  const query = (querystring: object): object => ({ querystring })
  add('crm-details', {}, async (request) => showDetails(await livingProfile(services, request)))
  add('crm-update', { body: ContactBody }, (request) => update(services, request, contactOf(request)))
  add('crm-list', query(ContactListQuery), (request) => listContacts(services, request, {}))
  add('crm-autocomplete', query(AutocompleteQuery), (request) => autocomplete(services, request))
  add('crm-last-activity', {}, async (request) => {
    const profile = await livingProfile(services, request)
    return { last_activity_date: toRfc3339(lastActivityOf(profile)) }
  })
  addCompanies(services, add, query)
}

type Add = (id: string, schema: object, handler: Handler) => void

function addCompanies(services: Services, add: Add, query: (schema: object) => object): void {
  add('crm-update-company', { body: ContactBody }, async (request) => {
    if (!(await isRepeated(services, request))) await requireCompany(services, request)
    return update(services, request, contactOf(request))
  })
  add('crm-mark-company', {}, (request) => update(services, request, markOf(clientIdOf(request))))
  add('crm-company-details', {}, async (request) => {
    await requireCompany(services, request)
    return showDetails(await livingProfile(services, request))
  })
  add('crm-list-companies', query(CompanyListQuery), (request) =>
    listContacts(services, request, { isCompany: true }),
  )
  add('crm-company-members', query(MemberListQuery), async (request) => {
    await requireCompany(services, request)
    return listContacts(services, request, { companyId: clientIdOf(request) })
  })
  add('crm-company-of-profile', {}, async (request, reply) =>
    sendText(reply, await companyNameOf(services, request)),
  )
  add('crm-company-identifier', {}, async (request, reply) =>
    sendText(reply, callerOf(request).workspace.settings.companyAttribute),
  )
}

function contactOf(request: FastifyRequest): Command {
  const { timezone } = callerOf(request).workspace.settings
  return mapContact(request.body as ContactBody, { pointer: '', timezone, profileId: clientIdOf(request) })
}

/** A write that only says that the profile is a company. */
function markOf(profileId: number): Command {
  return {
    identifiers: [],
    profileId,
    target: 'existing',
    isCompany: true,
    pointer: '',
    item: {},
    notices: [],
  }
}

/**
 * Stores a write about the profile in the path, and gives the details of what it led to: an anonymous profile may have joined
 * the one it is identified with. What the rules of merging do not let change stays as it was.
 * @throws CDP_PROFILE_NOT_FOUND
 */
async function update(services: Services, request: FastifyRequest, command: Command): Promise<object> {
  if (!(await isRepeated(services, request))) await livingProfile(services, request)
  const answer = ([result]: readonly CommandResult[]) => ({
    status: 200,
    body: result && 'profileId' in result ? result.profileId : clientIdOf(request),
  })
  const unit = { atomic: 'all', commands: [command], dropped: [], answer } as const
  const { body: profileId } = await storeUnit(services, request, unit)
  return showDetails(await services.profiles.get(callerOf(request).workspace, Number(profileId)))
}

/**
 * The company that a person belongs to, by the attribute that names companies; without a relation what the person's own
 * attribute says, and "" where nothing does.
 * @assumed what the string says, and the answer of a profile that belongs to no company
 * @source reference, Get Profile's company
 */
async function companyNameOf(services: Services, request: FastifyRequest): Promise<string> {
  const { workspace } = callerOf(request)
  const profile = await livingProfile(services, request)
  const relation = await services.companies.relationOf(workspace, profile.id)
  if (!relation) return textOf(profile, 'company') ?? ''
  const company = await services.profiles.get(workspace, relation.companyId)
  return textOf(company, workspace.settings.companyAttribute) ?? String(company.id)
}

function textOf({ attributes }: Profile, name: string): string | undefined {
  const value = attributes[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
