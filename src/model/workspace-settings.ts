import { Type } from 'typebox'
import type { Static, TProperties } from 'typebox'
import { CLOSED, integer, texts } from './schema-parts.ts'

/** A hundred years: whoever wants longer wants for ever. */
const DAYS_MAX = 36_500

function junkOf(kind: string) {
  return Type.Optional(
    Type.Array(Type.String({ format: 'storable-text' }), {
      description: `Values that are nobody's ${kind}.`,
    }),
  )
}

const junkIdentifiers = Type.Object(
  {
    userId: junkOf('userId'),
    email: junkOf('email'),
    phone: junkOf('phone'),
    uuid: junkOf('uuid'),
    anonymousId: junkOf('anonymousId'),
    deviceId: junkOf('deviceId'),
    alias: junkOf('alias'),
  },
  { ...CLOSED, default: {}, description: 'Values that count as absent, beside the built-in ones.' },
)

/**
 * The settings that every workspace has, whatever it speaks: the one place that says which there are. The
 * configuration file, the API and the command line take them from here.
 */
export const COMMON_SETTINGS = {
  timezone: Type.String({
    format: 'time-zone',
    default: 'UTC',
    description: 'The zone in which a local time without offset is read.',
  }),
  defaultCountry: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'country',
    default: null,
    description: 'The country of a phone number that names none.',
  }),
  emailIdentity: Type.Enum(['unique', 'contact'], {
    default: 'unique',
    description: '`unique`: one e-mail is one person. `contact`: an e-mail never identifies.',
  }),
  corsOrigins: texts('web-origin', 'Web origins whose pages may call from a browser.'),
  junkIdentifiers,
  ledgerDays: integer(
    { minimum: 1, maximum: DAYS_MAX, default: 30 },
    'How long the rejections ledger is kept.',
  ),
  changeLogDays: integer(
    { minimum: 0, maximum: DAYS_MAX, default: 0 },
    'How long the change log is kept; 0 keeps it for ever.',
  ),
  dedupeDays: integer(
    { minimum: 0, maximum: DAYS_MAX, default: 0 },
    'How long event ids are remembered; 0 remembers them for ever.',
  ),
  tokenLifeSeconds: integer(
    { minimum: 60, maximum: 86_400, default: 3_600 },
    'How long a token lives that an API key buys, in seconds.',
  ),
  mfaRequired: Type.Boolean({
    default: false,
    description: 'Whether users must give a second factor to work here.',
  }),
  ipAllowlist: texts('network', 'Networks from which users may work here; empty allows all.'),
}

const commonSettings = Type.Object(COMMON_SETTINGS, CLOSED)

/** What {@link COMMON_SETTINGS} describes. */
export type CommonSettings = Static<typeof commonSettings>

/** Settings of the vendors' APIs in a workspace, by the name of the dialect; credentials are not among them. */
export type VendorSettings = Readonly<Record<string, TProperties>>

/** The schema of a workspace's settings as people write them: the vendors' blocks stand among the common ones. */
export function settingsSchema(vendors: VendorSettings) {
  const blocks = Object.entries(vendors).map(([vendor, properties]) => {
    const description = `Settings of the dialect ${vendor}; without it the dialect opens nothing here.`
    return [vendor, Type.Optional(Type.Object(properties, { ...CLOSED, description }))] as const
  })
  return Type.Object({ ...COMMON_SETTINGS, ...Object.fromEntries(blocks) }, CLOSED)
}
