import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { actorOfCaller } from '../../../core/audit/index.ts'
import type { DomainKey } from '../../../core/access/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'

/** @source php-sdk, TrackingCodeCreationByDomainRequest */
const DomainBody = Type.Object({ domain: Type.String({ minLength: 1, maxLength: 1_000 }) })

/** Adds the route by which plugins set up the pages of a shop. */
export function registerTrackers(app: FastifyInstance, services: Services): void {
  const id = 'get-or-create-tracker'
  const options = { schema: { body: DomainBody }, config: { operation: id } }
  app.post(operation(id).path, { ...options, onRequest: guard(services, operation(id)) }, async (request) => {
    const { domain } = request.body as Static<typeof DomainBody>
    const caller = callerOf(request)
    const actor = actorOfCaller(caller, request.ip, request.id)
    return showTracker(await services.apiKeys.ofDomain(caller.workspace.id, domain, actor))
  })
}

/**
 * A tracker as public clients read it; all of them need `code` only.
 * @assumed what the product does not do for pages is false or null; the name is the domain; such a tracker is ACTIVE
 * @source php-sdk, TrackingCodeResponse
 */
function showTracker({ id, domain, code, createdAt }: DomainKey): object {
  return {
    id,
    code,
    name: domain,
    domainName: domain,
    type: 'WEB',
    pageType: 'WEB_PAGE',
    created: createdAt,
    entityStatus: 'ACTIVE',
    actionsWhitelist: null,
    actionsBlacklist: null,
    cookieDomain: null,
    cookieExpiration: null,
    customizeMetadata: null,
    googleAnalyticsVersion: null,
    serviceWorkerScope: null,
    trackingDomain: null,
    enableAutoTracking: false,
    enableCookieDomain: false,
    enableCookieExpiration: false,
    enableCustomizeMetadata: false,
    enableDataLayer: false,
    enableDynamicContent: false,
    enableServiceWorkerScope: false,
    enableTrackingDomain: false,
    enableWebPush: false,
  }
}
