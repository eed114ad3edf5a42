import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** The proofs, each a section of docs/reliability.md, and a file or a folder of this name beside this one. */
export type Proof =
  'crash' | 'overload' | 'bad-input' | 'walls' | 'privacy' | 'backup' | 'upgrade' | 'soak' | 'supply-chain'

/** Something that a proof counted or measured. */
export interface Figure {
  proof: Proof
  /** What was counted, in a few words: a row of the document. */
  what: string
  value: number | string
  /** Of `value`: ms, MiB, rows … */
  unit?: string
  /** What `value` must keep to, in words; a proof fails by its expectations, not by this. */
  bound?: string
}

const FILE = process.env['PROVE_FIGURES']

/** Notes a figure for docs/reliability.md; without `npm run prove`, which names the file, it goes nowhere. */
export function note(figure: Figure): void {
  if (FILE === undefined) return
  mkdirSync(dirname(FILE), { recursive: true })
  appendFileSync(FILE, `${JSON.stringify(figure)}\n`)
}
