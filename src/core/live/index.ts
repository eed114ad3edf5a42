/** The live stream: what comes in and what is refused, for those who watch. */
export { openLive } from './live.ts'
export type { Live, LiveMessage } from './live.ts'
export type { LiveItem } from './items.ts'
