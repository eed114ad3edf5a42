import type { FastifyInstance } from 'fastify'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { guard } from './guard.ts'
import { profileIdOf } from './params.ts'
import { NoQuery } from './schemas.ts'

/** Adds to which company a person belongs; who belongs to one is a filter of the list of profiles. */
export function registerCompanies(app: FastifyInstance, services: Services): void {
  const path = '/api/v1/profiles/:profileId/company'
  const options = (operation: string, permission: string) => ({
    schema: { querystring: NoQuery },
    config: { operation },
    onRequest: guard(services, permission),
  })
  app.get(path, options('get-company', 'profiles:read'), async (request) => {
    const { workspace } = callerOf(request)
    const relation = await services.companies.relationOf(workspace, profileIdOf(request))
    if (!relation) return { company: null }
    const { companyId: id, at, source } = relation
    return { company: { id, since: toRfc3339(at), source } }
  })
  app.delete(path, options('leave-company', 'profiles:write'), async (request, reply) => {
    await services.companies.leave(callerOf(request).workspace, profileIdOf(request), onceOf(request))
    return reply.code(204).send()
  })
}
