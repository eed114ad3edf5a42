import { INSTALLATION } from '../../../core/tags/index.ts'
import type { TagRow } from '../../../core/tags/index.ts'

/** A tag in lists. @source reference 0.17 */
export function showTag({ tagId: id, name, color }: TagRow): object {
  return { id, name, color }
}

/** A tag whose workspace is named: null for a tag of the installation, which is global. @source reference 0.17 */
export function showWholeTag(tag: TagRow): object {
  return { businessProfileId: tag.workspaceId === INSTALLATION ? null : tag.workspaceId, ...showTag(tag) }
}
