/** A line of a plot: a value, or none, for each of the plot's times. */
export interface Series {
  label: string
  color: string
  values: readonly (number | null)[]
}

/** What a plot shows. */
export interface Plot {
  /** What it says to those who do not see it. */
  label: string
  /** RFC 3339, in order. */
  times: readonly string[]
  series: readonly Series[]
  /** How a value is written. */
  format: (value: number) => string
  /** The lines stand one on the other. */
  isStacked?: boolean
  /** A value stays until the next one. */
  isStepped?: boolean
}
