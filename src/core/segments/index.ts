/** Segments: who belongs together because of what they are and did. */
export { findNamedSegment, openSegments } from './segments.ts'
export type { SegmentDraft, Segments } from './segments.ts'
export type { SegmentRow } from '../../storage/segments/definitions.ts'
