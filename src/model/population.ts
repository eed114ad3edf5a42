import type { Instant } from '../lib/time.ts'
import type { Condition } from './segment.ts'

/**
 * The profiles that belong to a segment, as lists, counts and copies of it read them: kept, or computed because nobody keeps them
 * or they were never whole.
 */
export type Population =
  | {
      source: 'kept'
      segmentId: string
      generation: number
      /** How many there are. */
      size: number
    }
  | {
      source: 'computed'
      /** With what its ids stand for. */
      definition: Condition
      /** The zone in which it is read. */
      timezone: string
      /** What relative moments are relative to. */
      now: Instant
    }
