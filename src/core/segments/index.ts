/** Segments: who belongs together because of what they are and did. */
export { openSegments } from './segments.ts'
export type { SegmentDraft, Segments } from './segments.ts'
export type { SegmentRow } from '../../storage/segments/definitions.ts'
