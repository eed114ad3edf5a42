/** How long events of a name are kept. */
export interface EventDays {
  name: string
  days: number
}

/** What a field of a form holds. */
export type Value = string | number | boolean | readonly string[] | readonly EventDays[]

/** Something to choose, with its words. */
export interface Choice {
  value: string
  label: string
}

/** How a setting is asked for. What is optional and left empty gets its default, or is taken away. */
export type PolicyInput =
  | { kind: 'text'; isOptional?: true; placeholder?: string }
  | { kind: 'texts'; isOptional?: true; placeholder?: string }
  | { kind: 'number'; min: number; max: number; unit?: string }
  /** `needsOwnFactor`: who has no second factor would lock itself out by it. */
  | { kind: 'switch'; needsOwnFactor?: true }
  | { kind: 'choice'; choices: readonly Choice[] }
  | { kind: 'checks'; choices: readonly Choice[] }
  | { kind: 'zone' }
  | { kind: 'country' }
  | { kind: 'eventDays' }

/** A setting of a workspace. */
export interface PolicyField {
  /** Where it stands among the settings, by names with dots between. */
  path: string
  label: string
  description?: string
  input: PolicyInput
  /** What a form shows where nothing is set; the empty value of its kind when left out. */
  initial?: Value
}

/** Settings that are read and saved together. */
export interface PolicyGroup {
  id: string
  title: string
  text?: string
  /** The path of an object that is there or not: without it, what it is about is off. */
  block?: string
  /** Paths of objects that go when all of their fields are empty. */
  parts?: readonly string[]
  fields: readonly PolicyField[]
}

/** A tab of groups. */
export interface PolicySection {
  id: string
  label: string
  groups: readonly PolicyGroup[]
}
