/** The rejections ledger: whatever is ignored, dropped or refused leaves a trace with its reason. */
export { openLedger } from './ledger.ts'
export type { Ledger } from './ledger.ts'
export { addReason, rejectionItem } from './recorder.ts'
export type { LedgerRecorder, ReasonCounts } from './recorder.ts'
export type { Rejected } from './recorder.ts'
export type { RejectionRow } from '../../storage/rejections.ts'
