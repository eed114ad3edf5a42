import type { PolicyField, PolicyGroup } from './policy-types.ts'

const limit = (path: string, label: string, initial: number): PolicyField => ({
  path,
  label,
  description: '0 turns the limit off.',
  input: { kind: 'number', min: 0, max: 1_000_000 },
  initial,
})

const KEYS = 'Its keys are made under API keys.'

/** What the APIs of the vendors want to know of the workspace. Without its block, an API opens nothing here. */
export const VENDOR_GROUPS: readonly PolicyGroup[] = [
  {
    id: 'webengage',
    title: 'WebEngage',
    text: KEYS,
    block: 'webengage',
    fields: [
      {
        path: 'webengage.licenseCode',
        label: 'Licence code',
        description: 'It stands in the paths of the API.',
        input: { kind: 'text' },
      },
      limit('webengage.requestsPerMinute', 'Bulk requests a minute', 500),
      limit('webengage.singleRequestsPerMinute', 'Requests for a single user or event a minute', 5_000),
    ],
  },
  {
    id: 'xtremepush',
    title: 'Xtremepush',
    text: KEYS,
    block: 'xtremepush',
    fields: [
      {
        path: 'xtremepush.autoCreateAttributes',
        label: 'Imports may bring new columns',
        description: 'Otherwise an import with a column that was never seen is refused.',
        input: { kind: 'switch' },
        initial: true,
      },
    ],
  },
  {
    id: 'pyze',
    title: 'Pyze',
    text: KEYS,
    block: 'pyze',
    fields: [
      {
        path: 'pyze.requiresApiKey',
        label: 'An app key alone opens nothing',
        description: 'App keys are public: anybody can read them in an app.',
        input: { kind: 'switch' },
        initial: true,
      },
    ],
  },
  {
    id: 'yotpo',
    title: 'Yotpo',
    text: KEYS,
    block: 'yotpo',
    fields: [
      {
        path: 'yotpo.storeId',
        label: 'Store id',
        description: 'It stands in the paths of the API.',
        input: { kind: 'text' },
      },
      limit('yotpo.requestsPerSecond', 'Requests a second', 5),
    ],
  },
]
