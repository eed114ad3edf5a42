import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parseInstant, toRfc3339 } from '../../lib/time.ts'
import type { BackupManifest } from '../../model/backup.ts'
import { CdpError } from '../../model/errors.ts'

/** The form of backup files that this release writes, and the newest that it reads. */
export const BACKUP_FORMAT = 1

const COUNT = Type.String({ pattern: '^-?\\d{1,40}$' })

const PARTITION = Type.Object({
  name: Type.String(),
  from: Type.Union([Type.Integer(), Type.Null()]),
  to: Type.Integer(),
})

const TABLE = Type.Object({
  name: Type.String({ minLength: 1 }),
  columns: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  rows: COUNT,
  checksum: COUNT,
  partitions: Type.Array(PARTITION),
  sequences: Type.Array(Type.Object({ column: Type.String(), last: Type.Union([COUNT, Type.Null()]) })),
})

const MANIFEST = Type.Object({
  product: Type.Literal('tributary'),
  format: Type.Integer(),
  version: Type.String(),
  postgres: Type.Integer(),
  snapshotAt: Type.String(),
  secretKey: Type.Union([Type.String(), Type.Null()]),
  migrations: Type.Array(
    Type.Object({ version: Type.Integer(), name: Type.String(), checksum: Type.String() }),
  ),
  tables: Type.Array(TABLE),
})

/** The manifest as the text that stands in the file. */
export function printManifest(manifest: BackupManifest): string {
  const written = { ...manifest, snapshotAt: toRfc3339(manifest.snapshotAt) }
  return `${JSON.stringify(nullsFor(written), undefined, 1)}\n`
}

/** JSON has no undefined: what is unknown is said to be null. */
function nullsFor(manifest: Omit<BackupManifest, 'snapshotAt'> & { snapshotAt: string }): object {
  return {
    ...manifest,
    secretKey: manifest.secretKey ?? null,
    tables: manifest.tables.map((table) => ({
      ...table,
      partitions: table.partitions.map((part) => ({ ...part, from: part.from ?? null })),
      sequences: table.sequences.map((sequence) => ({ ...sequence, last: sequence.last ?? null })),
    })),
  }
}

/**
 * Reads what {@link printManifest} wrote.
 * @throws CDP_BACKUP_NEWER its format is newer
 * @throws CDP_BACKUP_UNREADABLE it is no manifest
 */
export function parseManifest(text: string): BackupManifest {
  const value = parseJson(text)
  const head = Object(value) as { product?: unknown; format?: unknown }
  if (head.product === 'tributary' && typeof head.format === 'number' && head.format > BACKUP_FORMAT) {
    const detail = `The file has format ${head.format}; this release reads formats up to ${BACKUP_FORMAT}.`
    throw new CdpError('CDP_BACKUP_NEWER', { detail })
  }
  const snapshotAt = Value.Check(MANIFEST, value) ? parseInstant(value.snapshotAt) : undefined
  if (!Value.Check(MANIFEST, value) || snapshotAt === undefined)
    throw new CdpError('CDP_BACKUP_UNREADABLE', { detail: 'The list of what the file holds is damaged.' })
  return {
    ...value,
    snapshotAt,
    secretKey: value.secretKey ?? undefined,
    tables: value.tables.map((table) => ({
      ...table,
      partitions: table.partitions.map((part) => ({ ...part, from: part.from ?? undefined })),
      sequences: table.sequences.map(({ column, last }) => ({ column, last: last ?? undefined })),
    })),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
