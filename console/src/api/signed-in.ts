import { logOut } from '@tributary/sdk'
import { client } from './client.ts'
import { leaveForSignIn } from './leave-to.ts'

/**
 * Says whether this browser has signed in: the session itself is in a cookie that no script reads. The value changes with every
 * session, so that other tabs hear of it.
 */
const MARK = 'tributary.signed-in'

/** Whether somebody signed in here; whoever never did is not asked about at the server. */
export function isMarked(): boolean {
  return localStorage.getItem(MARK) !== null
}

/** Notes that this browser has another session now: somebody signed in, or entered another workspace. */
export function markSignedIn(): void {
  localStorage.setItem(MARK, crypto.randomUUID())
}

/** Notes that nobody is signed in here any more. */
export function markSignedOut(): void {
  localStorage.removeItem(MARK)
}

/**
 * Loads this tab anew when another one has changed the session that they share: what it shows may be of another workspace, and
 * what is done in it would be done there.
 */
export function followOtherTabs(): void {
  window.addEventListener('storage', ({ key }) => {
    if (key === MARK) window.location.reload()
  })
}

/** Ends the session. Whatever the server says: this browser forgets it. */
export async function signOut(): Promise<void> {
  await logOut({ client }).catch(() => undefined)
  markSignedOut()
  await leaveForSignIn('/')
}
