/** The size of a segment at an instant. */
export interface SizeAt {
  at: string
  size: number
}

/**
 * Sizes in the order of time, for a plot on which each stays until the next one.
 * @param newestFirst as the API lists them
 * @param now what it is now: the line goes on to there
 */
export function sizesOver(
  newestFirst: readonly SizeAt[],
  now: SizeAt | undefined,
): { times: number[]; values: number[] } {
  const sizes = newestFirst.toReversed()
  const last = sizes.at(-1)
  if (now && (last === undefined || Date.parse(now.at) > Date.parse(last.at))) sizes.push(now)
  return { times: sizes.map(({ at }) => Date.parse(at)), values: sizes.map(({ size }) => size) }
}
