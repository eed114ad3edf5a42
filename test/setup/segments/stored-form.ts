import { isJsonObject } from '../../../src/lib/json.ts'
import { partsOf } from '../../../src/model/check-definition.ts'
import type { Computed } from '../../../src/model/computed.ts'

/** A definition as it is sent and stored, with ids alone; what they stand for is put into `byId`, with ids alone too. */
export function storedForm<Definition>(definition: Definition, byId: Map<string, Computed>): Definition {
  return strip(definition, byId) as Definition
}

function strip(value: unknown, byId: Map<string, Computed>): unknown {
  if (Array.isArray(value)) return value.map((member) => strip(member, byId))
  if (!isJsonObject(value)) return value
  const { definition, ...rest } = value
  if (definition !== undefined) {
    const target = { kind: rest['type'], definition: strip(definition, byId) }
    byId.set(rest['id'] as string, target as Computed)
    return rest
  }
  const parts = partsOf(value).map(([key, member]) => [key, strip(member, byId)])
  return { ...value, ...Object.fromEntries(parts) }
}
