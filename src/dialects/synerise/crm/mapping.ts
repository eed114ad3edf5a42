import type { Command } from '../../../model/command.ts'
import { mapProfile } from '../clients/mapping.ts'
import type { ProfileContext } from '../clients/mapping.ts'
import { contactField } from './fields.ts'
import type { ProfileWrite } from '../clients/schemas.ts'
import type { ContactBody } from './schemas.ts'

/** The vendor's word for a sex that nobody gave. */
const SEXES: Readonly<Record<string, ProfileWrite['sex']>> = { UNDEFINED: 'NOT_SPECIFIED' }

/**
 * A flat contact → the profile write that it means. Members that are no fields of a contact are custom attributes: null
 * deletes one, and resets a field. What only the server says is ignored, with a note.
 * @assumed custom attributes stand among the fields: the page says that null deletes one, and names no other place
 * @source reference, Update Profile
 */
export function mapContact(body: ContactBody, context: Required<ProfileContext>): Command {
  const { id: _id, tags, ...members } = body
  const profile: Record<string, unknown> = { ...(tags && { tags }) }
  const attributes: Record<string, unknown> = {}
  const ignored: string[] = []
  for (const [name, value] of Object.entries(members)) {
    const field = contactField(name)
    if (!field) attributes[name] = value
    else if (field.writes) profile[field.writes] = SEXES[String(value)] ?? value
    else ignored.push(name)
  }
  const command = mapProfile({ ...profile, attributes }, context)
  const notices = ignored.map((name) => ({ reason: 'field_unknown' as const, pointer: `/${name}` }))
  // Notes about custom attributes point to where they stand: beside the fields.
  const flat = command.notices.map((notice) => ({
    ...notice,
    pointer: notice.pointer.replace(/^\/attributes\//, '/'),
  }))
  return { ...command, item: body, notices: [...flat, ...notices] }
}
