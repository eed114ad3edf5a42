/** Who may do what: credentials, keys and passwords. */
export { createApiKey, defaultPermissions, openApiKeys, visiblePrefix } from './api-keys.ts'
export type { ApiKey, ApiKeyDraft, ApiKeys, NewApiKey } from './api-keys.ts'
export { forgetAccessTokens, openAccessTokens } from './access-tokens.ts'
export type { AccessTokens } from './access-tokens.ts'
export type { DomainKey } from './domain-keys.ts'
export { openKeyUses } from './key-uses.ts'
export type { KeyUses } from './key-uses.ts'
export { FREE_FAILURES_OF_ADDRESS, addressSubject, forgetAttempts, openAttempts } from './attempts.ts'
export type { AttemptKey, Attempts } from './attempts.ts'
export { openCallers } from './callers.ts'
export type { Callers } from './callers.ts'
export { openCredentials } from './credentials.ts'
export type { Credentials } from './credentials.ts'
export {
  erasureContext,
  forgetSigningKeys,
  outcomeContext,
  reseal,
  rotateSigningKey,
  tombstoneContext,
} from './rotate.ts'
export { seal, unseal } from './sealing.ts'
export { openWorkspaceSecrets, unsealSecret } from './workspace-secrets.ts'
export type { WorkspaceSecrets } from './workspace-secrets.ts'
export { checkSecretKey, openSigningKeys } from './signing-keys.ts'
export type { SigningKeys } from './signing-keys.ts'
export { openTokens } from './tokens.ts'
export type { TokenKind, Tokens } from './tokens.ts'
export { ALL_PERMISSIONS, isConfirmed, openOperators, requireConfirmed, toOperator } from './operators.ts'
export type { Entry, Operator, Operators, UserLogin } from './operators.ts'
export { openSessions } from './sessions.ts'
export type { Session, SessionDraft, Sessions } from './sessions.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
