/** Tags: their definitions, who has one, and what becomes of one that is removed. */
export { assignmentIdOf } from './assignment-id.ts'
export { INSTALLATION, TAG_NAME_LENGTH_MAX, openTags, readTagId } from './tags.ts'
export type { Tags } from './tags.ts'
export { tagCommand } from './command.ts'
export { openTagSweep } from './sweep.ts'
export type { TagRow } from '../../storage/tags.ts'
