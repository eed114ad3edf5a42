/** One measured figure. `baseline` names what `ratio` compares it with. */
export interface Row {
  name: string
  value: number
  unit: string
  baseline: string | null
  ratio: number | null
  /** The least (or, for times and sizes, the most) that this machine class must reach. */
  floor: number | null
  floorIs: 'least' | 'most'
}

/** A row; `floor` with a leading `<` in `bound` is an upper bound. */
export function row(
  name: string,
  value: number,
  unit: string,
  options: { baseline?: string; ratio?: number; least?: number; most?: number } = {},
): Row {
  const { baseline = null, ratio = null, least, most } = options
  return {
    name,
    value,
    unit,
    baseline,
    ratio,
    floor: least ?? most ?? null,
    floorIs: most === undefined ? 'least' : 'most',
  }
}

/** How far a row is from its floor: 1 is on it, below 0.9 is a miss. Undefined without a floor. */
export function reach(measured: Row): number | undefined {
  if (measured.floor === null) return undefined
  return measured.floorIs === 'least' ? measured.value / measured.floor : measured.floor / measured.value
}

/** The table as text. */
export function toTable(rows: readonly Row[]): string {
  const cells = rows.map((measured) => [
    measured.name,
    format(measured.value),
    measured.unit,
    measured.ratio === null ? '' : `${measured.ratio.toFixed(2)} of ${measured.baseline}`,
    measured.floor === null ? '' : `${measured.floorIs === 'least' ? '>=' : '<='} ${format(measured.floor)}`,
    verdict(measured),
  ])
  const all = [['row', 'value', 'unit', 'ratio', 'floor', ''], ...cells]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? []
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

function verdict(measured: Row): string {
  const reached = reach(measured)
  if (reached === undefined) return ''
  if (reached >= 1) return 'reached'
  return reached >= 0.9 ? 'within 10 %' : 'MISSED'
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)
}
