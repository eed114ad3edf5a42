import type { Command, CommandResult } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { AccountsContext, Origin } from './context.ts'

/** A command without what every command of an account has alike. */
export type ProfileWrite = Partial<Command> & Pick<Command, 'identifiers'>

/**
 * Writes about one profile on the path of every other write.
 * @returns the profile that it led to; undefined when the rules of identity let it change nothing
 * @throws CdpError what refuses the write
 */
export async function writeProfile(
  { ingest }: Pick<AccountsContext, 'ingest'>,
  origin: Origin,
  write: ProfileWrite,
): Promise<number | undefined> {
  const { workspace, dialect, operation, credential, traceId, receivedAt } = origin
  const command: Command = { pointer: '', item: {}, notices: [], ...write }
  const outcome: { result?: CommandResult } = {}
  await ingest.submit({
    workspace,
    dialect,
    operation,
    credential,
    traceId,
    receivedAt,
    atomic: 'all',
    bytes: 0,
    commands: [command],
    dropped: [],
    answer: ([result]) => {
      if (result) outcome.result = result
      return { status: 0, body: undefined }
    },
  })
  const { result } = outcome
  if (!result) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a write without a result' })
  if (!result.ok) throw result.error
  return 'profileId' in result ? result.profileId : undefined
}
