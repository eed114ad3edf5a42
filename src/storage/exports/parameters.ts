/** Parameters of a statement that is put together: what comes from a caller becomes one of them, never text. */
export class Parameters {
  readonly #values: unknown[] = []

  /** A value's place in the text. @param type PostgreSQL's, without which a parameter takes whatever its place suggests */
  add(value: unknown, type: 'bigint' | 'bigint[]' | 'integer' | 'text' | 'text[]' | 'timestamptz'): string {
    return `$${this.#values.push(value)}::${type}`
  }

  /** All of them, in their order. */
  get values(): unknown[] {
    return [...this.#values]
  }
}
