/** Who may do what: credentials and passwords. */
export { openCredentials } from './credentials.ts'
export type { Credentials } from './credentials.ts'
export { checkSecretKey, openSigningKeys } from './signing-keys.ts'
export type { SigningKeys } from './signing-keys.ts'
export { openTokens } from './tokens.ts'
export type { TokenKind, Tokens } from './tokens.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
