/** Privacy: what is held of a person, and erasing it everywhere, with a receipt. */
export { openPrivacy } from './privacy.ts'
export type { Privacy } from './privacy.ts'
export type { ErasureRow } from '../../storage/erasures.ts'
