import type { Instant } from '../../lib/time.ts'
import type { Command } from '../../model/command.ts'
import type { Caller, Workspace } from '../../model/workspace.ts'
import type { Attempts, Session, Sessions } from '../access/index.ts'
import type { Codes } from '../codes/index.ts'
import type { Ingest } from '../ingest/index.ts'
import type { Messages } from '../messages/index.ts'
import type { Profiles } from '../profiles/index.ts'
import type { IdentityProviders } from '../../outbound/identity-providers.ts'
import type { Database } from '../../storage/db.ts'

/** What the accounts work with. */
export interface AccountsContext {
  db: Database
  ingest: Ingest
  profiles: Profiles
  sessions: Sessions
  attempts: Attempts
  codes: Codes
  messages: Messages
  providers: IdentityProviders
  /** 32 bytes: opens what is sealed. */
  secretKey: Buffer
  /** Where the pages of this server answer, without a slash at the end. */
  publicUrl: string
}

/** The request behind an act: where it came from, and how its dialect calls what happens. */
export interface Origin {
  workspace: Workspace
  dialect: string
  operation: string
  /** Names the credential in the change log. */
  credential: string
  traceId: string
  receivedAt: Instant
  /** The network address of the caller. */
  address: string
  /** Whether a program with a key of its own is calling, for whomever. */
  isServer: boolean
  /** The dialect's names. */
  words: AccountWords
}

/** How a dialect calls what happens to an account. */
export interface AccountWords {
  /** Name of the event of a registration. */
  registered: string
  /** Name of the event of a deletion. */
  deleted: string
  /** Attribute that says whether the mailbox is proven; only written where the workspace asks for the proof. */
  confirmed: string
}

/** What a request says of a person, beside who it is. */
export type PersonData = Pick<Command, 'attributes' | 'consents' | 'tags' | 'notices' | 'item'>

/** An app that logs people in: the holder of an api key for profiles. */
export type App = Caller & { keyId: number }

/** A login that succeeded. */
export interface Login {
  session: Session
  profileId: number
  email: string | undefined
}
