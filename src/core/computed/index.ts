/** Computed values: aggregates over events, and expressions over attributes and aggregates. */
export { openComputed } from './computed.ts'
export type { ComputedValues } from './computed.ts'
export { findUnknown } from './graph.ts'
export { inlineComputed, referencesIn } from './references.ts'
export { computedFor } from './resolve.ts'
export { COMPUTED_KINDS } from '../../model/computed.ts'
export type { ComputedKind } from '../../model/computed.ts'
export type { ComputedRow } from '../../storage/computed.ts'
