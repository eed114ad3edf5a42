/** What is derived from flushes after their commit: counters, counts of names, last activity and the history of what came in. */
export { forgetHistory } from './history.ts'
export { HISTORY_STEPS, readHistory } from './read-history.ts'
export type { History, HistoryRange, HistorySeries, HistoryStep } from './read-history.ts'
export { followBatches, forgetBatches, readStatistics } from './statistics.ts'
export type { Statistics } from './statistics.ts'
export { bytesOf, readStorageUse } from './storage-use.ts'
export type { StorageUse } from './storage-use.ts'
