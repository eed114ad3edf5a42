import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { HISTORY_STEPS } from '../../../core/statistics/index.ts'
import { EXPORT_FORMATS, EXPORT_KINDS, EXPORT_STATES } from '../../../model/export.ts'
import { IMPORT_STATES } from '../../../model/import.ts'
import { MESSAGE_CHANNELS, MESSAGE_STATES } from '../../../model/message.ts'
import { count, id, object, orNull, pageOf, refTo, text, texts, time, uuid } from './parts.ts'

const importOf = (more: Record<string, TSchema> = {}) =>
  Type.Object({
    id: id(),
    state: Type.Enum([...IMPORT_STATES]),
    dialect: text(),
    operation: text(),
    credential: text(),
    options: object(),
    dryRun: Type.Boolean(),
    total: count(),
    processed: count(),
    created: count(),
    updated: count(),
    refused: count(),
    lastError: orNull(text()),
    createdAt: time(),
    startedAt: orNull(time()),
    endedAt: orNull(time()),
    ...more,
  })

const ImportRefusal = Type.Object({
  row: count(),
  code: text(),
  detail: text(),
  pointer: text(),
  item: Type.Unknown(),
})

/** Of profiles it has `segmentId`; of events `from`, `to` and `names`. */
const exportOf = (more: Record<string, TSchema> = {}) =>
  Type.Object({
    id: id(),
    state: Type.Enum([...EXPORT_STATES]),
    kind: Type.Enum([...EXPORT_KINDS]),
    format: Type.Enum([...EXPORT_FORMATS]),
    gzip: Type.Boolean(),
    fields: texts(),
    segmentId: Type.Optional(orNull(uuid())),
    from: Type.Optional(orNull(time())),
    to: Type.Optional(orNull(time())),
    names: Type.Optional(orNull(texts())),
    rows: count(),
    rowsExpected: orNull(count()),
    bytes: count(),
    snapshotAt: orNull(time()),
    lastError: orNull(text()),
    createdBy: text(),
    createdAt: time(),
    startedAt: orNull(time()),
    endedAt: orNull(time()),
    expiresAt: orNull(time()),
    ...more,
  })

const seen = { firstSeenAt: time(), lastSeenAt: time() }

const EventName = Type.Object({
  name: text(),
  count: count(),
  ...seen,
  dialects: Type.Array(Type.Object({ dialect: text(), count: count(), ...seen })),
})

const Attribute = Type.Object({
  target: Type.Enum(['profile', 'event']),
  eventName: orNull(text()),
  name: text(),
  ...seen,
  conflict: Type.Boolean(),
  types: Type.Array(Type.Object({ type: text(), ...seen, dialects: texts() })),
})

const counts = { events: count(), transactions: count(), rejections: count() }

const Stats = Type.Object({
  profiles: count(),
  ...counts,
  byDialect: Type.Record(Type.String(), Type.Object({ ...counts, profileWrites: count() })),
})

const values = { total: count(), values: Type.Array(count()) }

const seriesOf = (name: string) => Type.Array(Type.Object({ [name]: text(), ...values }))

const latencies = () => Type.Array(orNull(Type.Number({ minimum: 0 })))

/** Every list of values has one for each of `times`, when a step begins. */
const History = Type.Object({
  from: time(),
  to: time(),
  step: Type.Enum(Object.keys(HISTORY_STEPS)),
  times: Type.Array(time()),
  events: seriesOf('dialect'),
  names: seriesOf('name'),
  otherNames: Type.Object(values),
  transactions: seriesOf('dialect'),
  profileWrites: seriesOf('dialect'),
  rejections: seriesOf('reason'),
  latencyMs: Type.Object({ p50: latencies(), p95: latencies(), p99: latencies() }),
})

/** Sizes in bytes. `rows` is what the database estimates. */
const Storage = Type.Object({
  bytes: count(),
  tables: Type.Array(
    Type.Object({
      name: text(),
      partitions: count(),
      rows: count(),
      tableBytes: count(),
      indexBytes: count(),
      toastBytes: count(),
      bytes: count(),
    }),
  ),
  exports: Type.Object({ files: count(), bytes: count() }),
})

const Rejection = Type.Object({
  id: uuid(),
  at: time(),
  dialect: text(),
  operation: text(),
  reason: text(),
  pointer: text(),
  detail: orNull(text()),
  item: orNull(text()),
  itemTruncated: Type.Boolean(),
  profileId: orNull(id()),
  traceId: text(),
  occurrences: count(),
  replayedAt: orNull(time()),
})

const message = {
  id: uuid(),
  channel: Type.Enum([...MESSAGE_CHANNELS]),
  template: text(),
  recipient: text(),
  subject: orNull(text()),
  state: Type.Enum([...MESSAGE_STATES]),
  attempts: count(),
  nextAttemptAt: orNull(time()),
  lastError: orNull(text()),
  createdAt: time(),
  sentAt: orNull(time()),
}

const content = { subject: orNull(text()), text: text(), html: orNull(text()) }

const MessageTemplate = Type.Object({
  name: text(),
  channels: Type.Array(Type.Enum([...MESSAGE_CHANNELS])),
  placeholders: texts(),
  required: texts(),
  ...content,
  isBuiltIn: Type.Boolean(),
  updatedAt: orNull(time()),
})

/** Shapes by name. */
export const WORK_SCHEMAS: Readonly<Record<string, TSchema>> = {
  Import: importOf(),
  ImportRefusal,
  Export: exportOf(),
  EventName,
  Attribute,
  Stats,
  History,
  Storage,
  Rejection,
  Message: Type.Object(message),
  MessageTemplate,
}

/** What operations about files, totals, refusals and messages answer. */
export const WORK_ANSWERS: Readonly<Record<string, TSchema>> = {
  'create-import': refTo('Import'),
  'list-imports': pageOf(refTo('Import')),
  'get-import': importOf({ refusals: Type.Array(refTo('ImportRefusal')) }),
  'pause-import': refTo('Import'),
  'resume-import': refTo('Import'),
  'cancel-import': refTo('Import'),
  'create-export': refTo('Export'),
  'list-exports': pageOf(refTo('Export')),
  'get-export': exportOf({ download: orNull(Type.Object({ url: text(), expiresAt: time() })) }),
  'cancel-export': refTo('Export'),
  'list-event-names': pageOf(refTo('EventName')),
  'list-attributes': pageOf(refTo('Attribute')),
  'aggregate-events': Type.Object({ count: count(), value: orNull(text()) }),
  'get-stats': refTo('Stats'),
  'get-history': refTo('History'),
  'get-storage': refTo('Storage'),
  'list-rejections': pageOf(refTo('Rejection')),
  'list-messages': pageOf(refTo('Message')),
  'get-message': Type.Object({ ...message, text: orNull(text()), html: orNull(text()) }),
  'retry-message': refTo('Message'),
  'send-test-message': refTo('Message'),
  'list-message-templates': pageOf(refTo('MessageTemplate')),
  'get-message-template': refTo('MessageTemplate'),
  'put-message-template': refTo('MessageTemplate'),
  'preview-message-template': Type.Object(content),
}
