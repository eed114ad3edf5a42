import { textOf } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'

/** Channels that people are asked about, by what people call them. */
export const CHANNELS: Readonly<Record<string, string>> = {
  email: 'e-mail',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  push: 'push',
  webPush: 'web push',
  bluetooth: 'Bluetooth',
  rfid: 'RFID',
  wifi: 'Wi-Fi',
}

/** What is known of devices. */
export const DEVICE_FIELDS = [
  'type',
  'manufacturer',
  'model',
  'osVersion',
  'product',
  'screenHeight',
  'screenWidth',
] as const

/** A kind of condition that can be added. */
export interface ConditionKind {
  label: string
  /** Under which head it is offered. */
  about: 'Who they are' | 'What they did' | 'Groups'
  /** What it is before anything is filled in. */
  draft: Part
}

const LAST_30_DAYS = { from: { offset: -30, unit: 'day' } }

/** Every kind of condition, in the order in which they are offered. */
export const CONDITION_KINDS: readonly ConditionKind[] = [
  {
    label: 'Attribute',
    about: 'Who they are',
    draft: { type: 'attribute', name: '', operator: 'equals', value: '' },
  },
  { label: 'Tag', about: 'Who they are', draft: { type: 'tag', name: '' } },
  { label: 'Consent', about: 'Who they are', draft: { type: 'consent', channel: 'email', state: 'granted' } },
  { label: 'Company', about: 'Who they are', draft: { type: 'company', role: 'member' } },
  { label: 'Anonymous', about: 'Who they are', draft: { type: 'anonymous' } },
  { label: 'Device', about: 'Who they are', draft: { type: 'device' } },
  {
    label: 'Created or changed',
    about: 'Who they are',
    draft: { type: 'profile', name: 'createdAt', operator: 'after', value: { offset: -30, unit: 'day' } },
  },
  { label: 'Did', about: 'What they did', draft: { type: 'event', window: LAST_30_DAYS } },
  {
    label: 'Did not do',
    about: 'What they did',
    draft: { type: 'not', condition: { type: 'event', window: LAST_30_DAYS } },
  },
  {
    label: 'One after the other',
    about: 'What they did',
    draft: {
      type: 'sequence',
      steps: [{}, {}],
      within: { amount: 7, unit: 'day' },
      window: LAST_30_DAYS,
    },
  },
  {
    label: 'Aggregate',
    about: 'What they did',
    draft: { type: 'aggregate', id: '', operator: 'atLeast', value: 1 },
  },
  {
    label: 'Expression',
    about: 'What they did',
    draft: { type: 'expression', id: '', operator: 'atLeast', value: 1 },
  },
  { label: 'All of …', about: 'Groups', draft: { type: 'and', conditions: [] } },
  { label: 'At least one of …', about: 'Groups', draft: { type: 'or', conditions: [] } },
]

/** What the card of a condition is headed. */
export function titleOf(condition: Part): string {
  const { type } = condition
  if (type === 'and' || type === 'or') return 'Group'
  if (type === 'not') return 'Not'
  const kind = CONDITION_KINDS.find(({ draft }) => draft['type'] === type)
  return kind?.label ?? (textOf(type) || 'Unknown condition')
}

/** The condition turned around: what was true is not, and what was not is. */
export function negated(condition: unknown): unknown {
  const inner = condition as Part | undefined
  return inner?.['type'] === 'not' && Object.keys(inner).length === 2
    ? inner['condition']
    : { type: 'not', condition }
}

/** A group with the condition in it. */
export function grouped(condition: unknown, type: 'and' | 'or'): Part {
  return { type, conditions: [condition] }
}
