import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { suggestValues } from '../../storage/profile-suggestions.ts'

/** The beginning of a value of an attribute. */
export interface Suggestion {
  attribute: string
  prefix: string
  limit: number
}

/** Values that profiles have and that begin with the prefix, in whatever case, the likest first; none for an empty prefix. */
export async function suggest(
  db: Database,
  workspace: Workspace,
  { attribute, prefix, limit }: Suggestion,
): Promise<string[]> {
  if (prefix === '') return []
  return guarded(() =>
    suggestValues(db.general, {
      workspaceId: workspace.id,
      attribute,
      prefix: prefix.toLowerCase(),
      limit,
    }),
  )
}
