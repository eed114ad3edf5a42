import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { COMPUTED_KINDS } from '../../../model/computed.ts'
import { CONSENT_CHANNELS, CONSENT_STATES } from '../../../model/attributes.ts'
import { IDENTIFIER_KINDS } from '../../../model/identity.ts'
import { count, id, object, orNull, pageOf, refTo, text, texts, time, uuid, written } from './parts.ts'

/** `label` is there for an alias alone. */
const Identifier = Type.Object({
  kind: Type.Enum(Object.keys(IDENTIFIER_KINDS)),
  label: Type.Optional(text()),
  value: text(),
  source: text(),
  firstSeenAt: time(),
  isPrimary: Type.Boolean(),
})

const Profile = Type.Object({
  id: id(),
  identifiers: Type.Array(refTo('Identifier')),
  attributes: object(),
  consents: Type.Array(
    Type.Object({
      channel: Type.Enum([...CONSENT_CHANNELS]),
      state: Type.Enum([...CONSENT_STATES]),
      at: time(),
      source: text(),
    }),
  ),
  tags: texts(),
  createdAt: time(),
  updatedAt: time(),
  lastActivityAt: orNull(time()),
  mergedFrom: Type.Optional(id()),
})

const Event = Type.Object({
  id: uuid(),
  profileId: id(),
  name: text(),
  occurredAt: time(),
  receivedAt: time(),
  sentAt: orNull(time()),
  originalTime: orNull(text()),
  source: text(),
  properties: object(),
})

const Change = Type.Object({
  id: uuid(),
  profileId: id(),
  at: time(),
  dialect: text(),
  credential: text(),
  traceId: text(),
  changes: Type.Array(Type.Object({ name: text(), before: Type.Unknown(), after: Type.Unknown() })),
})

const Merge = Type.Object({ profileId: id(), at: time(), by: text() })

const Transaction = Type.Object({
  id: uuid(),
  profileId: id(),
  orderId: text(),
  occurredAt: time(),
  source: text(),
  currency: text(),
  value: text(),
  revenue: text(),
  discount: orNull(text()),
  paymentMethod: orNull(text()),
  lines: Type.Array(object()),
})

const Device = Type.Object({
  id: text(),
  profileId: id(),
  type: text(),
  registrationId: text(),
  bluetoothAddress: orNull(text()),
  macAddress: orNull(text()),
  manufacturer: orNull(text()),
  model: orNull(text()),
  osVersion: orNull(text()),
  product: orNull(text()),
  screenHeight: orNull(count()),
  screenWidth: orNull(count()),
  publicKey: orNull(text()),
  linkedAt: time(),
  updatedAt: time(),
})

const Note = Type.Object({ id: uuid(), profileId: id(), subject: text(), body: text(), ...written })

const tag = { id: text(), name: text(), color: text(), isShared: Type.Boolean(), createdAt: time() }

const Tag = Type.Object(tag)

/** What became of one item of a batch. */
const ItemResult = Type.Union([
  Type.Object({
    status: Type.Enum(['stored', 'duplicate']),
    profileId: id(),
    eventId: Type.Optional(uuid()),
  }),
  Type.Object({ status: Type.Literal('ignored'), reason: text() }),
  Type.Object({
    status: Type.Literal('refused'),
    error: Type.Object({ code: text(), detail: text(), pointer: text() }),
  }),
])

const Results = Type.Object({ items: Type.Array(refTo('ItemResult')) })

const Merged = Type.Object({ dryRun: Type.Boolean(), profile: refTo('Profile') })

const Segment = Type.Object({
  id: uuid(),
  name: text(),
  definition: object(),
  version: count(),
  ...written,
  state: Type.Enum(['building', 'ready', 'failed']),
  size: orNull(count()),
  computedAt: orNull(time()),
  progress: orNull(Type.Object({ done: count(), total: count() })),
  error: orNull(text()),
})

const Computed = Type.Object({ id: uuid(), name: text(), definition: object(), version: count(), ...written })

const Value = Type.Object({ profileId: id(), value: Type.Unknown(), computedAt: time() })

const ProfileValues = Type.Object({
  profileId: id(),
  items: Type.Array(
    Type.Object({
      id: uuid(),
      kind: Type.Enum([...COMPUTED_KINDS]),
      name: text(),
      version: count(),
      value: Type.Unknown(),
    }),
  ),
  computedAt: time(),
})

/** A receipt. Nothing in it tells of the person. */
const Erasure = Type.Object({
  id: uuid(),
  state: Type.Enum(['running', 'done']),
  profileId: id(),
  at: time(),
  endedAt: orNull(time()),
  requestedBy: text(),
  tombstone: Type.Enum(['none', 'kept', 'removed']),
  counts: Type.Record(Type.String(), count()),
  error: orNull(text()),
})

const computedAt = { computedAt: time() }

/** Shapes by name. */
export const PEOPLE_SCHEMAS: Readonly<Record<string, TSchema>> = {
  Identifier,
  Profile,
  Event,
  Change,
  Merge,
  Transaction,
  Device,
  Note,
  Tag,
  ItemResult,
  Segment,
  Computed,
  Erasure,
}

/** What operations about people answer. */
export const PEOPLE_ANSWERS: Readonly<Record<string, TSchema>> = {
  'write-profiles': Results,
  'create-events': Results,
  'replay-rejection': Results,
  'list-profiles': pageOf(refTo('Profile')),
  'lookup-profile': refTo('Profile'),
  'get-profile': refTo('Profile'),
  'patch-profile': refTo('Profile'),
  'merge-profiles': Merged,
  'unmerge-profile': Type.Object({ profile: refTo('Profile'), survivorId: id() }),
  'get-company': Type.Object({
    company: orNull(Type.Object({ id: id(), since: time(), source: text() })),
  }),
  'list-merges': pageOf(refTo('Merge')),
  'list-changes': pageOf(refTo('Change')),
  'list-events': pageOf(refTo('Event')),
  'list-transactions': pageOf(refTo('Transaction')),
  'list-devices': pageOf(refTo('Device')),
  'list-notes': pageOf(refTo('Note')),
  'create-note': refTo('Note'),
  'put-note': refTo('Note'),
  'list-tags': pageOf(Type.Object({ ...tag, profiles: count() })),
  'create-tag': refTo('Tag'),
  'patch-tag': refTo('Tag'),
  'list-segments': pageOf(refTo('Segment')),
  'create-segment': refTo('Segment'),
  'get-segment': refTo('Segment'),
  'put-segment': refTo('Segment'),
  'recompute-segment': refTo('Segment'),
  'preview-segment': Type.Object({
    count: count(),
    isEstimated: Type.Boolean(),
    sample: Type.Array(id()),
    ...computedAt,
  }),
  'list-members': pageOf(Type.Object({ profileId: id(), since: orNull(time()) }), computedAt),
  'list-segment-sizes': pageOf(Type.Object({ at: time(), size: count() })),
  'list-profile-segments': pageOf(
    Type.Object({ id: uuid(), name: text(), since: orNull(time()) }),
    computedAt,
  ),
  'list-computed': ProfileValues,
  'delete-profile': refTo('Erasure'),
  'list-erasures': pageOf(refTo('Erasure')),
  'get-erasure': refTo('Erasure'),
  'remove-tombstone': refTo('Erasure'),
  'preview-retention': pageOf(
    Type.Object({
      kind: text(),
      name: orNull(text()),
      before: time(),
      count: count(),
      isCapped: Type.Boolean(),
    }),
  ),
  ...Object.fromEntries(
    COMPUTED_KINDS.flatMap((kind) => [
      [`list-${kind}s`, pageOf(refTo('Computed'))],
      [`create-${kind}`, refTo('Computed')],
      [`get-${kind}`, refTo('Computed')],
      [`put-${kind}`, refTo('Computed')],
      [`preview-${kind}`, Value],
    ]),
  ),
}
