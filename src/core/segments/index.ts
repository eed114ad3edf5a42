/** Segments: who belongs together because of what they are and did. */
export { openKeeper } from './keeper.ts'
export { resolveDefinition } from './resolve-definition.ts'
export { findNamedSegment, openSegments } from './segments.ts'
export type { SegmentDraft, Segments } from './segments.ts'
export type { Segment } from './status.ts'
