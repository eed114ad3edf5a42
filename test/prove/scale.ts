/** How much a proof does: a little in `npm test`, what the promise asks for in `npm run prove`, more with `-- --long`. */
export type Scale = 'short' | 'full' | 'long'

const SCALES: readonly Scale[] = ['short', 'full', 'long']

/** The scale of this run; `npm run prove` sets PROVE_SCALE. @throws Error for a word that is none */
export const SCALE: Scale = scaleOf(process.env['PROVE_SCALE'] ?? 'short')

function scaleOf(word: string): Scale {
  const scale = SCALES.find((candidate) => candidate === word)
  if (!scale) throw new Error(`PROVE_SCALE is "${word}"; there are ${SCALES.join(', ')}`)
  return scale
}

/** The amount for this run. */
export function amount(amounts: Readonly<Record<Scale, number>>): number {
  return amounts[SCALE]
}
