import type { Aggregate } from './aggregate.ts'
import type { Expression } from './expression.ts'

/** What of a person is computed. */
export const COMPUTED_KINDS = ['aggregate', 'expression'] as const

/** One of {@link COMPUTED_KINDS}. */
export type ComputedKind = (typeof COMPUTED_KINDS)[number]

/** A definition of a value, with what kind of definition it is. */
export type Computed =
  { kind: 'aggregate'; definition: Aggregate } | { kind: 'expression'; definition: Expression }
