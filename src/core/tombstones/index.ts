/** Tombstones: identifiers of erased people, as keyed hashes, that no write may name again. */
export { openTombstones } from './tombstones.ts'
export type { PlacedIdentifier, Tombstones } from './tombstones.ts'
