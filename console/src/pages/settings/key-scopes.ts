import type { CreateKeyData } from '@tributary/sdk'
import { DIALECT_NAMES } from '../../parts/dialects.tsx'
import { NATIVE_PERMISSIONS, SYNERISE_PERMISSIONS } from './key-permissions.ts'

/** What a key opens. */
export type Scope = CreateKeyData['body']['scope']

interface ScopeWords {
  dialect: string
  /** Which of the keys that the API has. */
  kind?: string
  text: string
  /** It ends up in apps and browsers, where anybody can read it; left to itself it may do nothing. */
  isPublic?: true
  /** The permissions that a key may be given; where there are none, the API asks for none. */
  permissions?: readonly string[]
}

/** Every scope, in words. */
export const SCOPES: Readonly<Record<Scope, ScopeWords>> = {
  native: {
    dialect: 'native',
    text: 'Tributary’s own API, for your servers: sent as Bearer.',
    permissions: NATIVE_PERMISSIONS,
  },
  workspace: {
    dialect: 'synerise',
    kind: 'workspace',
    text: 'For your servers: buys a token that does what the permissions say.',
    permissions: SYNERISE_PERMISSIONS,
  },
  profile: {
    dialect: 'synerise',
    kind: 'profile',
    text: 'For apps and web pages: visitors and customers sign in with it.',
    isPublic: true,
    permissions: SYNERISE_PERMISSIONS,
  },
  tracker: {
    dialect: 'synerise',
    kind: 'tracker',
    text: 'In the tracking code of web pages.',
    isPublic: true,
  },
  ai: {
    dialect: 'synerise',
    kind: 'AI',
    text: 'For what web pages tell about searches and recommendations.',
    isPublic: true,
  },
  webengage: {
    dialect: 'webengage',
    text: 'For your servers: sent as Bearer, beside the licence code in the path.',
  },
  xtremepush: {
    dialect: 'xtremepush',
    text: 'For your servers: the app token in the body of each request.',
  },
  pyze: {
    dialect: 'pyze',
    text: 'An app key in the body names the app; an API key is sent as Bearer.',
  },
  yotpo: {
    dialect: 'yotpo',
    text: 'The secret of the store: buys a token.',
  },
}

/** The scopes, in the order in which they are offered. */
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[]

/** Words for any scope, also one of a newer server. */
export function wordsOf(scope: string): ScopeWords {
  const known: Readonly<Record<string, ScopeWords>> = SCOPES
  return known[scope] ?? { dialect: scope, text: '' }
}

/** What a scope is called. */
export function labelOf(scope: string): string {
  const { dialect, kind } = wordsOf(scope)
  const name = DIALECT_NAMES[dialect] ?? dialect
  return kind === undefined ? name : `${name}, ${kind}`
}

/** What a key may do, in words. */
export function permissionWords({ scope, permissions }: { scope: string; permissions: readonly string[] }) {
  if (scope === 'pyze') return permissions.includes('app') ? 'app key' : 'API key'
  if (wordsOf(scope).permissions === undefined) return 'all that its API offers'
  if (permissions.includes('*')) return 'everything'
  return permissions.length === 0 ? 'nothing' : permissions.join(', ')
}
