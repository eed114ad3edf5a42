/** The Idempotency-Key of writes that do not go through the ingest path. */
export { isAnswered, openOnce, runOnce } from './run-once.ts'
export type { OnceRequest, RunOnce } from './run-once.ts'
