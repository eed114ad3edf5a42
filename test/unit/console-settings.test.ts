import { expect, test } from 'vitest'
import { SECTIONS } from '../../console/src/pages/settings/policy-sections.ts'
import { VENDOR_SETTINGS } from '../../src/config/vendor-blocks.ts'
import { settingsSchema } from '../../src/model/workspace-settings.ts'

interface Schema {
  type?: unknown
  properties?: Record<string, Schema>
}

/** Paths of everything in a schema that is no object. */
function pathsOf({ properties }: Schema, before = ''): string[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) =>
    schema.properties ? pathsOf(schema, `${before}${name}.`) : [`${before}${name}`],
  )
}

test('the console asks for every setting of a workspace, and for no other', () => {
  const asked = SECTIONS.flatMap(({ groups }) =>
    groups.flatMap(({ fields }) => fields.map(({ path }) => path)),
  )
  expect(asked.sort()).toEqual(pathsOf(settingsSchema(VENDOR_SETTINGS) as Schema).sort())
})
