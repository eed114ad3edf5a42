import type { Profile } from '@tributary/sdk'

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined

/** What to call a person: the name, else what the person is known by. */
export function nameOf({ id, attributes, identifiers }: Profile): string {
  const names = [textOf(attributes['firstName']), textOf(attributes['lastName'])].filter(Boolean)
  if (names.length > 0) return names.join(' ')
  const company = attributes['isCompany'] === true ? textOf(attributes['company']) : undefined
  return company ?? textOf(attributes['email']) ?? identifiers[0]?.value ?? `Profile ${id}`
}

/** What tells people of one name apart. */
export function subtitleOf({ attributes, identifiers }: Profile): string {
  const email = textOf(attributes['email'])
  const known = identifiers.find(({ kind }) => kind === 'userId')?.value ?? identifiers[0]?.value
  return [email, textOf(attributes['city']), email === known ? undefined : known].filter(Boolean).join(' · ')
}
