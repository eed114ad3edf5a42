import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { saveKeyUses } from '../../storage/api-keys.ts'
import type { KeyUse } from '../../storage/api-keys.ts'
import type { Database } from '../../storage/db.ts'

/** When the keys of this process were last used: noted in memory, so that no request waits for it, and saved now and then. */
export interface KeyUses {
  /** Notes that a key opens something now. */
  note(workspaceId: number, apiKeyId: number): void
  /** When this process last saw a key; undefined when it never did. */
  lastOf(workspaceId: number, apiKeyId: number): Instant | undefined
  /** Saves what came since the last time, in one statement; what cannot be saved is for the next time. */
  save(): Promise<void>
}

/** Opens the notes of one process. There is one for each key that was ever used, and no more keys than are stored. */
export function openKeyUses(db: Database): KeyUses {
  const uses = new Map<string, KeyUse & { savedAt: Instant }>()
  return {
    note: (workspaceId, apiKeyId) => {
      const key = keyOf(workspaceId, apiKeyId)
      const use = uses.get(key)
      if (use) use.usedAt = now()
      else uses.set(key, { workspaceId, apiKeyId, usedAt: now(), savedAt: -Infinity })
    },
    lastOf: (workspaceId, apiKeyId) => uses.get(keyOf(workspaceId, apiKeyId))?.usedAt,
    save: async () => {
      const unsaved = [...uses.values()].filter(({ usedAt, savedAt }) => usedAt > savedAt)
      const rows = unsaved.map(({ workspaceId, apiKeyId, usedAt }) => ({ workspaceId, apiKeyId, usedAt }))
      await saveKeyUses(db.background, rows)
      // A key may be used while this waits: what was saved is what was written, not what is noted by now.
      for (const [place, use] of unsaved.entries()) use.savedAt = rows[place]?.usedAt ?? use.savedAt
    },
  }
}

function keyOf(workspaceId: number, apiKeyId: number): string {
  return `${workspaceId}|${apiKeyId}`
}
