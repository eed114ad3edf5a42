/** Imports: rows of files become profiles, events and transactions. */
export { IMPORT_TYPES, compileMapping } from './mapping.ts'
export type { Column } from './mapping.ts'
export { openImporter } from './importer.ts'
export type { Importer, ImportRow, RefusedRow } from './importer.ts'
