/** Values of several lines, each standing on those before it. Where one has none it adds nothing. */
export function stackedValues(series: readonly { values: readonly (number | null)[] }[]): number[][] {
  const heights: number[] = []
  return series.map(({ values }) =>
    values.map((value, index) => (heights[index] = (heights[index] ?? 0) + (value ?? 0))),
  )
}
