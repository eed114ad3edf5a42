/** Backups of a whole installation in one file, and their way back. */
export { openArchive } from './archive.ts'
export type { ArchiveReader } from './archive.ts'
export { fingerprintOf } from './key-fingerprint.ts'
export { restoreBackup } from './restore-backup.ts'
export { writeBackup } from './write-backup.ts'
