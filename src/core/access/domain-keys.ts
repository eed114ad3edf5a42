import { randomUUID } from 'node:crypto'
import { domainToASCII } from 'node:url'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Transaction } from '../../storage/db.ts'
import { findDomainKey, lockDomain, saveDomainKey } from '../../storage/domain-keys.ts'

/** The key by which the pages of a web domain send what happens on them. */
export interface DomainKey {
  /** Of the api key. */
  id: number
  /** The domain in normal form. */
  domain: string
  /** The key itself: public, because it stands in the pages. */
  code: string
  createdAt: Instant
}

/**
 * The tracker key of a domain in a workspace: the same one each time, and a new one when there is none or it was revoked.
 * @param make makes an api key with this text, inside the same transaction
 * @throws CDP_BODY_INVALID the text is no domain
 */
export async function keyOfDomain(
  tx: Transaction,
  { workspaceId, domain: text }: { workspaceId: number; domain: string },
  make: (code: string) => Promise<{ id: number; createdAt: Instant }>,
): Promise<DomainKey> {
  const domain = normalizeDomain(text)
  await lockDomain(tx, workspaceId, domain)
  const found = await findDomainKey(tx, workspaceId, domain)
  if (found) return { id: found.apiKeyId, domain, code: found.code, createdAt: found.createdAt }
  const code = randomUUID().toUpperCase()
  const { id, createdAt } = await make(code)
  await saveDomainKey(tx, { workspaceId, domain, code, apiKeyId: id })
  return { id, domain, code, createdAt }
}

const DOMAIN_LENGTH_MAX = 253

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/** Lower case, in ASCII (IDNA), without the dot before a cookie's domain and the one at the end. @throws CDP_BODY_INVALID */
function normalizeDomain(text: string): string {
  const domain = domainToASCII(text.trim().toLowerCase().replace(/^\./, '').replace(/\.$/, ''))
  const fits = domain.length <= DOMAIN_LENGTH_MAX && domain.split('.').every((label) => LABEL.test(label))
  if (fits) return domain
  throw new CdpError('CDP_BODY_INVALID', {
    pointer: '/domain',
    detail: 'domain: must be the name of a domain',
  })
}
