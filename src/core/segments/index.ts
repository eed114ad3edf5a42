/** Segments: who belongs together because of what they are and did. */
export { definitionOf } from './definition-of.ts'
export { openKeeper } from './keeper.ts'
export { onlyWith } from './only-with.ts'
export { forgetPopulations, openPopulations } from './populations.ts'
export type { LocalDraft, Populations } from './populations.ts'
export { findNamedSegment, openSegments } from './segments.ts'
export type { SegmentDraft, Segments } from './segments.ts'
export type { Segment } from './status.ts'
