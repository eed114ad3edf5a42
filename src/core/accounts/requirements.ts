import type { Json } from '../../lib/json.ts'
import type { Command, Notice } from '../../model/command.ts'
import { escapePointer } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'

type Requirement = keyof WorkspaceSettings['accountRequirements']

/** What a login is refused with while a requirement is not met; the first one that is not is told. */
const REFUSALS = {
  approval: 'CDP_APPROVAL_REQUIRED',
  terms: 'CDP_TERMS_REQUIRED',
  secondFactor: 'CDP_ACCOUNT_MFA_REQUIRED',
} as const satisfies Record<Requirement, ErrorCode>

/**
 * Requires that an account has what its workspace asks for beside the login itself.
 * @param attributes of the account's profile
 * @throws CDP_APPROVAL_REQUIRED CDP_TERMS_REQUIRED CDP_ACCOUNT_MFA_REQUIRED
 */
export function requireRequirements(
  { accountRequirements }: Pick<WorkspaceSettings, 'accountRequirements'>,
  attributes: Readonly<Record<string, Json>>,
): void {
  for (const [requirement, refusal] of Object.entries(REFUSALS)) {
    const attribute = accountRequirements[requirement as Requirement]
    if (attribute !== undefined && attributes[attribute] !== true) throw new CdpError(refusal)
  }
}

/** What others decide about a person: nobody approves an account of their own. */
const OF_OTHERS: readonly Requirement[] = ['approval', 'secondFactor']

/** What a person says about themselves, without what only others may say. @param pointer of the attributes in the body */
export function withoutRequirements<Data extends Pick<Command, 'attributes' | 'notices'>>(
  { accountRequirements }: Pick<WorkspaceSettings, 'accountRequirements'>,
  data: Data,
  pointer: string,
): Data {
  const reserved = new Set(OF_OTHERS.map((requirement) => accountRequirements[requirement]))
  const entries = Object.entries(data.attributes?.values ?? {})
  const kept = entries.filter(([name]) => !reserved.has(name))
  if (kept.length === entries.length) return data
  const notices = entries
    .filter(([name]) => reserved.has(name))
    .map(([name]): Notice => ({
      reason: 'attribute_name_reserved',
      pointer: `${pointer}/${escapePointer(name)}`,
    }))
  return {
    ...data,
    attributes: { ...data.attributes, values: Object.fromEntries(kept) },
    notices: [...data.notices, ...notices],
  }
}
