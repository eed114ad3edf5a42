import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import type { ManagedWorkspace } from '../../core/workspaces/index.ts'
import { toRfc3339 } from '../../lib/time.ts'

/** A workspace as the native API shows it. */
export function showWorkspace({
  guid,
  name,
  settings,
  managedBy,
  createdAt,
  archivedAt,
}: ManagedWorkspace): object {
  return {
    guid,
    name,
    settings,
    managedBy,
    createdAt: toRfc3339(createdAt),
    ...(archivedAt !== undefined && { archivedAt: toRfc3339(archivedAt) }),
  }
}

const only = { additionalProperties: false }

const name = Type.String({ minLength: 1, maxLength: 255, description: 'Its name. No two are equal.' })

/** `POST /api/v1/workspaces` */
export function createWorkspaceBody(settings: TSchema) {
  const guid = Type.String({ format: 'uuid', description: 'Its id for ever; random when left out.' })
  return Type.Object({ name, guid: Type.Optional(guid), settings: Type.Optional(asSent(settings)) }, only)
}

/** `PATCH /api/v1/workspaces/:guid`: a merge patch (RFC 7396); null gives a setting its default. */
export function patchWorkspaceBody() {
  const settings = Type.Record(Type.String(), Type.Unknown(), {
    description: 'A merge patch of the settings: null gives one its default.',
  })
  return Type.Object({ name: Type.Optional(name), settings: Type.Optional(settings) }, only)
}

/** A schema as a sender must fill it: what has a default may be left out. */
function asSent(schema: TSchema): TSchema {
  const { properties, required = [] } = schema as {
    properties?: Record<string, TSchema>
    required?: string[]
  }
  if (!properties) return schema
  const needed = required.filter((key) => properties[key] !== undefined && !('default' in properties[key]))
  const members = Object.entries(properties).map(([key, member]) => [key, asSent(member)])
  return { ...schema, properties: Object.fromEntries(members), required: needed }
}
