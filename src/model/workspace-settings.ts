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

function signedBy(issuer: string, jwksUrl: string) {
  return Type.Optional(
    Type.Object(
      {
        audiences: Type.Array(Type.String({ format: 'storable-text', minLength: 1 }), {
          minItems: 1,
          description: 'Client ids of your apps: tokens for others are refused.',
        }),
        issuer: Type.String({ format: 'http-url', default: issuer, description: 'Who signs.' }),
        jwksUrl: Type.String({ format: 'http-url', default: jwksUrl, description: 'Where the keys are.' }),
      },
      { ...CLOSED, description: 'Tokens of identity that the provider signs.' },
    ),
  )
}

const introspection = Type.Object(
  {
    url: Type.String({ format: 'http-url', description: 'The introspection endpoint (RFC 7662).' }),
    clientId: Type.String({
      format: 'storable-text',
      minLength: 1,
      description: 'Who asks; the secret of this client is the secret `oauth` of the workspace.',
    }),
    audiences: Type.Array(Type.String({ format: 'storable-text', minLength: 1 }), {
      minItems: 1,
      description: 'Client ids of your apps: tokens for others are refused.',
    }),
  },
  { ...CLOSED, description: 'Tells whether an access token is valid, whose it is and for which app.' },
)

const requirement = (description: string) =>
  Type.Optional(Type.String({ format: 'storable-text', minLength: 1, maxLength: 255, description }))

const accountRequirements = Type.Object(
  {
    approval: requirement('Attribute that somebody of yours sets to true once the account is approved.'),
    terms: requirement('Attribute that the person sets to true by accepting the terms, with a login too.'),
    secondFactor: requirement('Attribute that your own check of a second factor sets to true.'),
  },
  {
    ...CLOSED,
    default: {},
    description:
      'Attributes that must be true before an account may log in; people cannot set the first and the last themselves.',
  },
)

const identityProviders = Type.Object(
  {
    google: signedBy('https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs'),
    apple: signedBy('https://appleid.apple.com', 'https://appleid.apple.com/auth/keys'),
    facebook: Type.Optional(
      Type.Object(
        {
          appId: Type.String({ format: 'storable-text', minLength: 1, description: 'The id of your app.' }),
          graphUrl: Type.String({
            format: 'http-url',
            default: 'https://graph.facebook.com',
            description: 'Where the provider is asked.',
          }),
        },
        { ...CLOSED, description: 'Access tokens of Facebook; the secret of the app is kept sealed, apart.' },
      ),
    ),
    oauth: Type.Optional(
      Type.Object(
        {
          userinfoUrl: Type.Optional(
            Type.String({
              format: 'http-url',
              description:
                'Tells who holds an access token, but not for which app it was made: alone only for a provider that serves no other apps.',
            }),
          ),
          introspection: Type.Optional(introspection),
        },
        { ...CLOSED, minProperties: 1, description: 'Access tokens of a provider of your own.' },
      ),
    ),
  },
  { ...CLOSED, default: {}, description: 'Who may vouch for people at a login.' },
)

/** What a password may have to contain. */
export const PASSWORD_PARTS = ['letter', 'upper', 'lower', 'digit', 'special'] as const

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
  companyAttribute: Type.String({
    format: 'storable-text',
    minLength: 1,
    maxLength: 255,
    default: 'company',
    description: 'The attribute that names a profile which is a company.',
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
  exportDays: integer(
    { minimum: 1, maximum: 365, default: 7 },
    'How long the files of exports are kept; a shorter time holds for those that are there too.',
  ),
  dedupeDays: integer(
    { minimum: 0, maximum: DAYS_MAX, default: 0 },
    'How long event ids are remembered; 0 remembers them for ever.',
  ),
  eventDays: integer(
    { minimum: 0, maximum: DAYS_MAX, default: 0 },
    'How long events are kept after they happened, where their name says nothing else; 0 keeps them for ever.',
  ),
  eventDaysByName: Type.Array(
    Type.Object(
      {
        name: Type.String({
          format: 'storable-text',
          minLength: 1,
          maxLength: 255,
          description: 'The name of events.',
        }),
        days: Type.Integer({
          minimum: 0,
          maximum: DAYS_MAX,
          description: 'How long they are kept; 0 keeps them for ever.',
        }),
      },
      CLOSED,
    ),
    { default: [], description: 'Names of events that are kept for longer or shorter than the others.' },
  ),
  tokenLifeSeconds: integer(
    { minimum: 60, maximum: 86_400, default: 3_600 },
    'How long a token lives, in seconds.',
  ),
  accountConfirmation: Type.Enum(['automatic', 'email-confirmation', 'email-activation', 'pin'], {
    default: 'automatic',
    description:
      'What a registration waits for: nothing; nothing, but the mailbox counts only once the link in a mail was opened; that link; the PIN in a mail.',
  }),
  passwordLengthMin: integer(
    { minimum: 6, maximum: 128, default: 6 },
    "Shortest password of a person's account, in characters.",
  ),
  passwordRequires: Type.Array(Type.Enum(PASSWORD_PARTS), {
    default: ['letter', 'digit', 'special'],
    description: "What a password of a person's account must contain.",
  }),
  identityProviders,
  accountRequirements,
  accountLinkUrl: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'http-url',
    default: null,
    description:
      'The page of your own that links in mails lead to, with `purpose` and `token` in its query; without it the pages of this server.',
  }),
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
