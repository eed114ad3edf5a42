/** One-time codes: links and short codes that prove who reads a mailbox or holds a phone. */
export { openCodes } from './codes.ts'
export type { Codes, IssueRequest, IssuedCode } from './codes.ts'
export { forgetCodes } from './forget.ts'
