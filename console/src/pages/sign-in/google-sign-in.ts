/** What is kept in this browser between leaving for Google and coming back. */
interface Attempt {
  nonce: string
  state: string
  next?: string | undefined
}

/** What Google's page sent back. */
export type GoogleReturn =
  | { kind: 'token'; idToken: string; nonce: string; next: string | undefined }
  /** `access_denied` and the like, or undefined when it is not the answer to what this browser asked. */
  | { kind: 'refused'; error: string | undefined; next: string | undefined }

/** Where the attempt is kept; a tab has its own. */
const KEPT = 'tributary.google'

/** Where Google sends the browser back to; it must be registered there, exactly so. */
export function returnAddress(origin: string, base: string): string {
  return `${origin}${base}signed-in`
}

/** The address of Google's page for an attempt. @param how what `GET /auth/options` says */
export function googleAddress(
  how: { clientId: string; authorizationEndpoint: string },
  { nonce, state }: Pick<Attempt, 'nonce' | 'state'>,
  redirectUri: string,
): string {
  const url = new URL(how.authorizationEndpoint)
  const wanted = {
    client_id: how.clientId,
    redirect_uri: redirectUri,
    response_type: 'id_token',
    response_mode: 'fragment',
    scope: 'openid email',
    nonce,
    state,
    prompt: 'select_account',
  }
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value)
  return url.href
}

/** Begins an attempt: two texts that nobody guesses, kept until the browser comes back. */
export function beginAttempt(storage: Pick<Storage, 'setItem'>, next: string | undefined): Attempt {
  const attempt = { nonce: randomText(), state: randomText(), next }
  storage.setItem(KEPT, JSON.stringify(attempt))
  return attempt
}

/**
 * Ends the attempt: what came back counts once, and only when this browser asked for it.
 * @param fragment of the address, with or without its `#`
 */
export function endAttempt(storage: Pick<Storage, 'getItem' | 'removeItem'>, fragment: string): GoogleReturn {
  const attempt = parseAttempt(storage.getItem(KEPT))
  storage.removeItem(KEPT)
  const answer = new URLSearchParams(fragment.replace(/^#/, ''))
  const next = attempt?.next
  if (!attempt || answer.get('state') !== attempt.state) return { kind: 'refused', error: undefined, next }
  const idToken = answer.get('id_token')
  if (idToken === null) return { kind: 'refused', error: answer.get('error') ?? undefined, next }
  return { kind: 'token', idToken, nonce: attempt.nonce, next }
}

function parseAttempt(text: string | null): Attempt | undefined {
  return text === null ? undefined : (JSON.parse(text) as Attempt)
}

/** 24 random bytes: 32 characters of base64url. */
function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
