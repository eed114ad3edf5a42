/** The Idempotency-Key and the expected version of writes that do not go through the ingest path. */
export { requireVersion } from './change-request.ts'
export type { ChangeRequest } from './change-request.ts'
export { isAnswered, openOnce, runOnce } from './run-once.ts'
export type { OnceRequest, RunOnce } from './run-once.ts'
export { whileStale } from './while-stale.ts'
