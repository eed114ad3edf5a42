import type { Command } from '../../../model/command.ts'
import { mapProfile } from '../clients/mapping.ts'
import type { ProfileContext } from '../clients/mapping.ts'
import { contactField } from './fields.ts'
import type { ContactBody } from './schemas.ts'

/**
 * A flat contact → the profile write that it means. Members that are no fields of a contact are custom attributes: null
 * deletes one, and resets a field. What only the server says is ignored, with a note.
 * @assumed custom attributes stand among the fields: the page says that null deletes one, and names no other place
 * @source reference, Update Profile
 */
export function mapContact(body: ContactBody, context: Required<ProfileContext>): Command {
  const { id: _id, tags, ...members } = body
  const fields: [string, unknown][] = tags ? [['tags', tags]] : []
  const custom: [string, unknown][] = []
  const ignored: string[] = []
  for (const [name, value] of Object.entries(members)) {
    const field = contactField(name)
    if (!field) custom.push([name, value])
    // @assumed under both of its names the first one counts
    else if (field.writes && !fields.some(([known]) => known === field.writes))
      fields.push([field.writes, sexOr(field.writes, value)])
    else ignored.push(name)
  }
  // Entries make own members, also of a name such as `__proto__`.
  const profile = { ...Object.fromEntries(fields), attributes: Object.fromEntries(custom) }
  const command = mapProfile(profile, context)
  const notices = ignored.map((name) => ({ reason: 'field_unknown' as const, pointer: `/${name}` }))
  // Notes about custom attributes point to where they stand: beside the fields.
  const flat = command.notices.map((notice) => ({
    ...notice,
    pointer: notice.pointer.replace(/^\/attributes\//, '/'),
  }))
  return { ...command, item: body, notices: [...flat, ...notices] }
}

/** A contact says UNDEFINED where a profile says NOT_SPECIFIED. */
function sexOr(field: string, value: unknown): unknown {
  return field === 'sex' && value === 'UNDEFINED' ? 'NOT_SPECIFIED' : value
}
