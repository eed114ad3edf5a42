/** The part of the error table that ends a process: no caller of the server ever sees one of these. */
export const STARTUP_ERRORS = {
  CDP_CONFIG_INVALID: { kind: 'startup', message: 'The configuration cannot be used.' },
  CDP_DATA_DIR_IN_USE: { kind: 'startup', message: 'Another server owns this data directory.' },
  CDP_DATA_DIR_VERSION: {
    kind: 'startup',
    message: 'The data directory belongs to another PostgreSQL version.',
  },
  CDP_CARRY_OVER_FAILED: {
    kind: 'startup',
    message: 'The data of an older PostgreSQL was not carried over.',
  },
  CDP_ENGINE_FAILED: { kind: 'startup', message: 'The bundled PostgreSQL could not be started.' },
  CDP_DATABASE_UNSUITABLE: {
    kind: 'startup',
    message: 'The database lacks something that the server needs.',
  },
  CDP_DATABASE_NEWER: { kind: 'startup', message: 'The database was migrated by a newer server.' },
  CDP_SECRET_KEY_WRONG: {
    kind: 'startup',
    message: 'The secret key does not open what is stored: give the one it was sealed with.',
  },
  CDP_DATABASE_NOT_EMPTY: { kind: 'startup', message: 'Something is stored in the database already.' },
  CDP_BACKUP_UNREADABLE: { kind: 'startup', message: 'The file is not a whole backup.' },
  CDP_BACKUP_NEWER: { kind: 'startup', message: 'A newer release wrote the backup.' },
  CDP_BACKUP_DIFFERS: { kind: 'startup', message: 'What was restored is not what was backed up.' },
  CDP_FILE_EXISTS: { kind: 'startup', message: 'There is a file of this name already.' },
  CDP_PORT_IN_USE: { kind: 'startup', message: 'The address to listen on is taken.' },
} as const satisfies Record<string, { kind: 'startup'; message: string }>
