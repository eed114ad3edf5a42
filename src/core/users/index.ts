/** The people who operate an installation: how they log in, and how they are managed. */
export type { GoogleSignIn } from './google.ts'
export { openLogins } from './logins.ts'
export type { Logins, SelectedLogin } from './logins.ts'
export { openSecondFactors } from './second-factors.ts'
export type { SecondFactors } from './second-factors.ts'
