import { normalizeIdentifier } from '../identity/index.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'

/** How somebody names their account; which of the two counts is the workspace's policy of e-mails. */
export interface LoginName {
  email?: string | undefined
  customId?: string | undefined
}

/** A login name in normal form. */
export type AccountName = { email: string } | { customId: string }

/**
 * The name that counts: the e-mail, or the custom id where e-mails identify nobody.
 * @throws CDP_BODY_INVALID it is missing or can be nobody's
 */
export function accountNameOf({ settings }: Workspace, { email, customId }: LoginName): AccountName {
  const byEmail = settings.emailIdentity === 'unique'
  const [kind, value, pointer] = byEmail
    ? (['email', email, '/email'] as const)
    : (['userId', customId, '/customId'] as const)
  const normalized =
    value === undefined
      ? undefined
      : normalizeIdentifier({ kind, value }, { ...settings, emailIdentity: 'unique' })
  if (normalized?.outcome !== 'usable') {
    const detail =
      value === undefined ? `${pointer.slice(1)}: is required` : `${pointer.slice(1)}: is nobody's`
    throw new CdpError('CDP_BODY_INVALID', { pointer, detail })
  }
  const { value: normal } = normalized.identifier
  return byEmail ? { email: normal } : { customId: normal }
}

/** The text by which failures of a login are counted. */
export function subjectOf(name: AccountName): string {
  return 'email' in name ? `email:${name.email}` : `customId:${name.customId}`
}
