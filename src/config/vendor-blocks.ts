import { Type } from 'typebox'
import type { TProperties } from 'typebox'
import { settings as pyzeSettings } from '../dialects/pyze/settings.ts'
import { settings as webengageSettings } from '../dialects/webengage/settings.ts'
import { settings as xtremepushSettings } from '../dialects/xtremepush/settings.ts'
import { settings as yotpoSettings } from '../dialects/yotpo/settings.ts'
import { CLOSED, text, texts } from '../model/schema-parts.ts'
import type { VendorSettings } from '../model/workspace-settings.ts'

/**
 * WebEngage: the licence code stands in the path, each key is a Bearer token.
 * @source docs/operations.md, the example: `webengage {licenseCode, apiKeys[], requestsPerMinute, singleRequestsPerMinute}`
 */
const webengage = Type.Object(
  { ...webengageSettings, apiKeys: texts('credential', 'Keys of the WebEngage API.', { minItems: 1 }) },
  { ...CLOSED, description: 'Opens the WebEngage API of this workspace.' },
)

/**
 * Xtremepush: every request carries the token of an app.
 * @source docs/operations.md, the example: `xtremepush {appTokens[], autoCreateAttributes}`
 */
const xtremepush = Type.Object(
  {
    ...xtremepushSettings,
    appTokens: texts('credential', 'App tokens of the Xtremepush API.', { minItems: 1 }),
  },
  { ...CLOSED, description: 'Opens the Xtremepush API of this workspace.' },
)

/**
 * Pyze: an app key names the app in every request; it is the credential as well when there is no api key.
 * @source docs/operations.md, the example: `pyze {appKeys[], apiKeys[]}`
 */
const pyze = Type.Object(
  {
    appKeys: texts(
      'credential',
      'App keys of the Pyze API; public, yet a credential when there are no API keys.',
      { minItems: 1 },
    ),
    apiKeys: texts('credential', 'API keys of the Pyze API.'),
    ...pyzeSettings,
  },
  { ...CLOSED, description: 'Opens the Pyze API of this workspace.' },
)

/**
 * Yotpo: the secret of a store buys an access token.
 * @source docs/operations.md, the example: `yotpo {storeId, secret, requestsPerSecond}`
 */
const yotpo = Type.Object(
  { ...yotpoSettings, secret: text('credential', 'The secret of the store.') },
  { ...CLOSED, description: 'Opens the Yotpo API of this workspace.' },
)

/** What a workspace may say about each vendor's API; without its block a vendor's API opens nothing there. */
export const VENDOR_BLOCKS = {
  webengage: Type.Optional(webengage),
  xtremepush: Type.Optional(xtremepush),
  pyze: Type.Optional(pyze),
  yotpo: Type.Optional(yotpo),
}

/** A vendor that a workspace can have a block for; also the scope of its credentials. */
export type VendorName = keyof typeof VENDOR_BLOCKS

/** The names, in the order of the documentation. */
export const VENDOR_NAMES = Object.keys(VENDOR_BLOCKS) as VendorName[]

/** What of each block is a setting: the keys that the API and the command line know too. */
export const VENDOR_SETTINGS = {
  webengage: webengageSettings,
  xtremepush: xtremepushSettings,
  pyze: pyzeSettings,
  yotpo: yotpoSettings,
} as const satisfies Record<VendorName, TProperties> & VendorSettings

/**
 * The credentials among a block's keys, and what each permits. All other keys are settings of the dialect.
 * Pyze's two kinds share a scope, so their permissions tell them apart.
 */
export const VENDOR_CREDENTIALS: Readonly<Record<VendorName, Readonly<Record<string, readonly string[]>>>> = {
  webengage: { apiKeys: ['*'] },
  xtremepush: { appTokens: ['*'] },
  pyze: { appKeys: ['app'], apiKeys: ['*'] },
  yotpo: { secret: ['*'] },
}
