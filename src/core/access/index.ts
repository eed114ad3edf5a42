/** Who may do what: credentials and passwords. */
export { openCredentials } from './credentials.ts'
export type { Credentials } from './credentials.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
