/** The write path: the only way in which profiles and events get into the store. */
export { checkUnit } from './storable.ts'
export { openIngest } from './ingest.ts'
export type { Ingest, IngestOptions } from './ingest.ts'
