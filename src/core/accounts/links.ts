import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { getWorkspace } from '../workspaces/index.ts'
import type { AccountsContext, Origin } from './context.ts'
import type { LinkPayload, LinkPurpose } from './mails.ts'
import { confirmEmailChange } from './own.ts'
import { passwordRules } from './password-rules.ts'
import { confirmReset } from './passwords.ts'
import { confirmByLink } from './prove.ts'

/** What a page says about a link before it is used. */
export interface ShownLink {
  /** The workspace's name. */
  workspace: string
  email: string
  /** What a new password must be like, as a sentence without its full stop. */
  passwordRules: string
}

/**
 * Tells what a link is for without using it up: mail scanners open every link before its reader does.
 * @throws CDP_CODE_INVALID CDP_CODE_EXPIRED
 */
export async function showLink(
  context: AccountsContext,
  purpose: LinkPurpose,
  token: string,
): Promise<ShownLink> {
  const { workspace, payload } = await read(context, purpose, token)
  return {
    workspace: workspace.name,
    email: payload.email,
    passwordRules: passwordRules(workspace.settings),
  }
}

/** Somebody who presses the button of a page. */
export interface LinkUse {
  purpose: LinkPurpose
  token: string
  /** The new one; only a reset has it. */
  password: string
  /** Of the request. */
  traceId: string
  receivedAt: Instant
  address: string
}

/**
 * Does what a link is for, in the workspace and in the words of the request that it was mailed for.
 * @throws CDP_CODE_INVALID CDP_CODE_EXPIRED
 * @throws CDP_PASSWORD_WEAK the link still works
 * @throws CDP_IDENTIFIER_HELD another account has proven the address; the link still works
 */
export async function useLink(
  context: AccountsContext,
  { purpose, token, password, ...request }: LinkUse,
): Promise<void> {
  const { workspace, payload } = await read(context, purpose, token)
  const { dialect, words } = payload
  const operation = `account-${purpose}`
  const by = { operation, credential: 'mailed-link', isServer: false }
  const origin: Origin = { ...request, ...by, workspace, dialect, words }
  if (purpose === 'password-reset') return confirmReset(context, origin, { token, password })
  if (purpose === 'email-change') return confirmEmailChange(context, origin, { token })
  return confirmByLink(context, origin, token)
}

async function read(
  { codes, db }: AccountsContext,
  purpose: LinkPurpose,
  token: string,
): Promise<{ workspace: Workspace; payload: LinkPayload }> {
  const code = await codes.peek({ purpose, secret: token })
  try {
    const workspace = await getWorkspace(db, code.workspaceId)
    return { workspace, payload: code.payload as unknown as LinkPayload }
  } catch (error) {
    // What an archived workspace mailed opens nothing any more.
    const isGone = error instanceof CdpError && error.code === 'CDP_WORKSPACE_NOT_FOUND'
    throw isGone ? new CdpError('CDP_CODE_INVALID') : error
  }
}
