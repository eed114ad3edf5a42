/** What is derived from flushes after their commit: counters, counts of names, and last activity. */
export { followBatches, forgetBatches, readStatistics } from './statistics.ts'
export type { Statistics } from './statistics.ts'
