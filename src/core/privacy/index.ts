/** Privacy: erasing a person everywhere, with a receipt. */
export { openPrivacy } from './privacy.ts'
export type { Privacy } from './privacy.ts'
export type { ErasureRow } from '../../storage/erasures.ts'
