import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Transaction } from '../../storage/db.ts'
import { findOperatorForChange } from '../../storage/operators.ts'
import type { OperatorRow } from '../../storage/operators.ts'
import { findSession } from '../../storage/sessions.ts'
import type { UserLogin } from '../access/index.ts'

// Whoever changes a password, disables a user or takes its second factor away holds the user's row while it ends the
// sessions. What begins or confirms a session holds it, too: it comes before and is ended, or after and sees the change.

/**
 * Holds a user until the transaction ends, as long as it is still what was verified.
 * @throws CDP_LOGIN_FAILED its password was changed since, or it is disabled
 */
export async function holdVerified(tx: Transaction, verified: OperatorRow): Promise<OperatorRow> {
  const user = await findOperatorForChange(tx, verified.userId)
  const isSame = user?.disabledAt === undefined && user?.passwordHash === verified.passwordHash
  if (!isSame) throw new CdpError('CDP_LOGIN_FAILED')
  return user
}

/** Holds the user of a login until the transaction ends. @throws CDP_TOKEN_INVALID the login is over */
export async function holdLiving(tx: Transaction, { session, operator }: UserLogin): Promise<void> {
  const user = await findOperatorForChange(tx, operator.userId)
  const living = await findSession(tx, session.sessionId, now())
  if (!living || !user || user.disabledAt !== undefined) throw new CdpError('CDP_TOKEN_INVALID')
}
