import type { PolicyField, PolicyGroup } from './policy-types.ts'

/** What accounts of people ask for. */
export const ACCOUNT_GROUPS: readonly PolicyGroup[] = [
  {
    id: 'registration',
    title: 'Registrations',
    fields: [
      {
        path: 'accountConfirmation',
        label: 'What a registration waits for',
        input: {
          kind: 'choice',
          choices: [
            { value: 'automatic', label: 'Nothing' },
            { value: 'email-confirmation', label: 'Nothing; the address counts once its link was opened' },
            { value: 'email-activation', label: 'The link in a mail' },
            { value: 'pin', label: 'The PIN in a mail' },
          ],
        },
      },
      {
        path: 'accountLinkUrl',
        label: 'Page of your own for links in mails',
        description: 'It gets purpose and token in its query. Empty: the pages of this server.',
        input: { kind: 'text', isOptional: true, placeholder: 'https://shop.example/account' },
      },
    ],
  },
  {
    id: 'passwords',
    title: 'Passwords of accounts',
    fields: [
      {
        path: 'passwordLengthMin',
        label: 'Shortest password',
        input: { kind: 'number', min: 6, max: 128, unit: 'characters' },
        initial: 6,
      },
      {
        path: 'passwordRequires',
        label: 'What it must contain',
        input: {
          kind: 'checks',
          choices: [
            { value: 'letter', label: 'A letter' },
            { value: 'upper', label: 'A capital' },
            { value: 'lower', label: 'A small letter' },
            { value: 'digit', label: 'A digit' },
            { value: 'special', label: 'Another character' },
          ],
        },
      },
    ],
  },
  {
    id: 'requirements',
    title: 'Before an account may log in',
    text: 'Names of attributes that must be true. Empty: nothing is asked for.',
    fields: [
      {
        path: 'accountRequirements.approval',
        label: 'Approved',
        description: 'Somebody of yours sets it.',
        input: { kind: 'text', isOptional: true },
      },
      {
        path: 'accountRequirements.terms',
        label: 'Terms accepted',
        description: 'The person sets it, with a login too.',
        input: { kind: 'text', isOptional: true },
      },
      {
        path: 'accountRequirements.secondFactor',
        label: 'Second factor given',
        description: 'Your own check of it sets it.',
        input: { kind: 'text', isOptional: true },
      },
    ],
  },
]

const audiences = (path: string): PolicyField => ({
  path,
  label: 'Client ids of your apps',
  description: 'Tokens for others are refused.',
  input: { kind: 'texts' },
})

const address = (path: string, label: string, placeholder?: string): PolicyField => ({
  path,
  label,
  input: { kind: 'text', isOptional: true, ...(placeholder !== undefined && { placeholder }) },
})

const OWN = 'identityProviders.oauth'

/** Who may vouch for people at a login. */
export const PROVIDER_GROUPS: readonly PolicyGroup[] = [
  {
    id: 'google',
    title: 'Google',
    block: 'identityProviders.google',
    fields: [
      audiences('identityProviders.google.audiences'),
      address('identityProviders.google.issuer', 'Who signs', 'https://accounts.google.com'),
      address(
        'identityProviders.google.jwksUrl',
        'Where the keys are',
        'https://www.googleapis.com/oauth2/v3/certs',
      ),
    ],
  },
  {
    id: 'apple',
    title: 'Apple',
    block: 'identityProviders.apple',
    fields: [
      audiences('identityProviders.apple.audiences'),
      address('identityProviders.apple.issuer', 'Who signs', 'https://appleid.apple.com'),
      address('identityProviders.apple.jwksUrl', 'Where the keys are', 'https://appleid.apple.com/auth/keys'),
    ],
  },
  {
    id: 'facebook',
    title: 'Facebook',
    text: 'The secret of the app is kept sealed, below.',
    block: 'identityProviders.facebook',
    fields: [
      { path: 'identityProviders.facebook.appId', label: 'Id of your app', input: { kind: 'text' } },
      address(
        'identityProviders.facebook.graphUrl',
        'Where the provider is asked',
        'https://graph.facebook.com',
      ),
    ],
  },
  {
    id: 'oauth',
    title: 'A provider of your own (OAuth)',
    text: 'It is asked who holds an access token. Only introspection tells for which app a token was made: without it, this is for a provider that serves no other apps.',
    block: OWN,
    parts: [`${OWN}.introspection`],
    fields: [
      address(`${OWN}.userinfoUrl`, 'Userinfo endpoint'),
      address(`${OWN}.introspection.url`, 'Introspection endpoint'),
      {
        path: `${OWN}.introspection.clientId`,
        label: 'Client that asks',
        description: 'Its secret is kept sealed, below.',
        input: { kind: 'text', isOptional: true },
      },
      { ...audiences(`${OWN}.introspection.audiences`), input: { kind: 'texts', isOptional: true } },
    ],
  },
]

/** Who may work here, and from where. */
export const ACCESS_GROUPS: readonly PolicyGroup[] = [
  {
    id: 'users',
    title: 'Users who work here',
    fields: [
      {
        path: 'mfaRequired',
        label: 'Ask for a second factor',
        description:
          'Who has none cannot work here until one is set up. Set up your own first, under My account.',
        input: { kind: 'switch', needsOwnFactor: true },
      },
      {
        path: 'ipAllowlist',
        label: 'Networks from which users may work here',
        description: 'Empty allows all. Name the one that you are in, or you lock yourself out.',
        input: { kind: 'texts', placeholder: '192.0.2.0/24' },
      },
    ],
  },
  {
    id: 'programs',
    title: 'Programs and web pages',
    fields: [
      {
        path: 'corsOrigins',
        label: 'Web origins whose pages may call from a browser',
        input: { kind: 'texts', placeholder: 'https://shop.example' },
      },
      {
        path: 'tokenLifeSeconds',
        label: 'How long a token lives',
        input: { kind: 'number', min: 60, max: 86_400, unit: 'seconds' },
        initial: 3_600,
      },
    ],
  },
]
