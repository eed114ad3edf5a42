/** What is derived from flushes after their commit: counters and last activity. */
export { followBatches, forgetBatches, readStatistics } from './statistics.ts'
export type { Statistics } from './statistics.ts'
