import { LINK_PURPOSES } from '../../core/accounts/index.ts'
import type { CdpError, ErrorCode } from '../../model/errors.ts'

/** What pages are for; also the end of their paths. */
export const PAGE_PURPOSES = [...LINK_PURPOSES, 'user-invitation'] as const

/** One of {@link PAGE_PURPOSES}. */
export type PagePurpose = (typeof PAGE_PURPOSES)[number]

/** Those that ask for a password to be set. */
export const PASSWORD_PURPOSES: readonly PagePurpose[] = ['password-reset', 'user-invitation']

/** What the pages of a purpose say. */
export interface PurposeTexts {
  title: string
  /** Stands between the address and the workspace's name. */
  before: string
  between: string
  button: string
  doneTitle: string
  done: string
  /** What to do when the link came too late. */
  again: string
}

/** The words of every purpose. */
export const PURPOSE_TEXTS: Readonly<Record<PagePurpose, PurposeTexts>> = {
  activation: {
    title: 'Activate your account',
    before: 'Activate the account of',
    between: 'at',
    button: 'Activate account',
    doneTitle: 'Your account is active',
    done: 'You can log in now, and close this page.',
    again: 'Go back to where you registered and ask for another link.',
  },
  'email-confirmation': {
    title: 'Confirm your e-mail address',
    before: 'Confirm that',
    between: 'is your address at',
    button: 'Confirm address',
    doneTitle: 'Your e-mail address is confirmed',
    done: 'There is nothing else to do. You can close this page.',
    again: 'Go back to where you registered and ask for another link.',
  },
  'email-change': {
    title: 'Confirm your new e-mail address',
    before: 'From now on use',
    between: 'for your account at',
    button: 'Use this address',
    doneTitle: 'Your new e-mail address is confirmed',
    done: 'Log in with it from now on. You can close this page.',
    again: 'Log in with your present address and change it once more.',
  },
  'password-reset': {
    title: 'Choose a new password',
    before: 'Choose a new password for',
    between: 'at',
    button: 'Set password',
    doneTitle: 'Your new password is set',
    done: 'Log in with it now. Wherever you were logged in before, you no longer are. You can close this page.',
    again: 'Go back to where you log in and ask for another link.',
  },
  'user-invitation': {
    title: 'Accept your invitation',
    before: 'Choose the password that',
    between: 'logs in with, to work with',
    button: 'Accept invitation',
    doneTitle: 'Welcome',
    done: 'You can log in now, and close this page.',
    again: 'Ask whoever invited you for another invitation.',
  },
}

/** A page that says what went wrong, and what to do. */
export interface ProblemTexts {
  title: string
  text: string
}

/** @param purpose of the page; undefined where there is none */
export function problemTexts({ code, kind }: CdpError, purpose: PagePurpose | undefined): ProblemTexts {
  const again = purpose === undefined ? 'Open the link in your mail again.' : PURPOSE_TEXTS[purpose].again
  if (code === 'CDP_CODE_EXPIRED') return { title: 'This link has expired', text: again }
  if (code === 'CDP_CODE_INVALID' || code === 'CDP_INVITATION_NOT_FOUND')
    return {
      title: 'This link does not work',
      text: `It was used already, a newer one was sent, or a part of it is missing. If you pressed its button before, you are done. Otherwise: ${again}`,
    }
  return TEXTS_OF_CODE[code] ?? (kind === 'unavailable' || kind === 'rate_limited' ? LATER : FAILED)
}

const TEXTS_OF_CODE: Partial<Record<ErrorCode, ProblemTexts>> = {
  CDP_IDENTIFIER_HELD: {
    title: 'This address is taken',
    text: 'Another account has confirmed this e-mail address. Log in with that account, or choose another address.',
  },
  CDP_USER_TAKEN: {
    title: 'You can log in already',
    text: 'There is a user with this address. Log in, or ask for another password.',
  },
  CDP_PATH_UNKNOWN: {
    title: 'There is no such page',
    text: 'Open the link in your mail again, or copy all of it into your browser.',
  },
  CDP_METHOD_NOT_ALLOWED: {
    title: 'This page cannot be used that way',
    text: 'Open the link in your mail again.',
  },
  CDP_ORIGIN_FORBIDDEN: {
    title: 'This form came from another page',
    text: 'For your safety nothing was done. Open the link in your mail again.',
  },
}

const LATER: ProblemTexts = {
  title: 'Please try again in a moment',
  text: 'We are busy or being restarted. Wait a little and open the link in your mail again.',
}

const FAILED: ProblemTexts = {
  title: 'That did not work',
  text: 'Open the link in your mail again. If it still does not work, ask those who sent it.',
}
