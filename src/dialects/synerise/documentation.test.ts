import { expect, test } from 'vitest'
import { documentation } from './documentation.ts'
import { OPERATIONS, operation } from './operations.ts'

const accessOf = (id: string): string => documentation.accessOf?.(operation(id)) ?? ''

test('the document says of each operation who may call it, and every permission and role that it asks for', () => {
  for (const { id, permission, alsoPermission, role, open } of OPERATIONS) {
    const access = accessOf(id)
    for (const name of [permission, alsoPermission, role])
      if (name !== undefined) expect(access).toContain(`\`${name}\``)
    expect([id, access.includes('Callers: anybody.')]).toEqual([id, open === true])
  }
})

test('it warns of paths that nobody prints, and of no others', () => {
  for (const { id, provenance } of OPERATIONS)
    expect([id, accessOf(id).includes('inferred')]).toEqual([id, provenance === 'inferred'])
})

test('a user needs the act of a group, an api key every permission', () => {
  expect(accessOf('crm-company-members')).toBe(
    'Callers: a workspace, a user in a workspace. ' +
      'Permission of the API key: `CRM_LIST_CLIENT_READ` and `CRM_DETAILS_CLIENT_READ`. ' +
      "A user's role must hold: `CLIENT_LIST` (read).",
  )
})
