import { Type } from 'typebox'
import { isJsonObject } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import { compileCheck, pointerOf } from '../../model/schema-check.ts'
import type { Violation } from '../../model/schema-check.ts'
import { CLOSED, text } from '../../model/schema-parts.ts'
import type { FlatSettings } from './settings.ts'

/** What a new workspace is asked to be. */
export interface WorkspaceDraft {
  name: string
  /** Random when left out. */
  guid?: string
  settings?: FlatSettings
}

/** What is to change of a workspace. */
export interface WorkspacePatch {
  name?: string
  settings?: FlatSettings
}

// Of the settings only that they are an object; their own schema comes once the patch is applied.
const settings = Type.Optional(Type.Object({}, { additionalProperties: true }))

const name = text('object-name', 'Its name. No two are equal.')

const draftViolations = compileCheck(
  Type.Object({ name, guid: Type.Optional(text('guid', 'Its id for ever.')), settings }, CLOSED),
)

const patchViolations = compileCheck(Type.Object({ name: Type.Optional(name), settings }, CLOSED))

/** A value as a draft. @throws CDP_BODY_INVALID */
export function parseDraft(value: unknown): WorkspaceDraft {
  const [violation] = draftViolations(value)
  if (violation) throw refuse(violation)
  return value as WorkspaceDraft
}

/** A value as a patch. @throws CDP_BODY_INVALID */
export function parsePatch(value: unknown): WorkspacePatch {
  const [violation] = patchViolations(value)
  if (violation) throw refuse(violation)
  return value as WorkspacePatch
}

/** The refusal of a body at one place. */
export function refuse({ path, message }: Violation): CdpError {
  const pointer = pointerOf(path)
  const place = path.length === 0 ? 'body' : path.join('.')
  return new CdpError('CDP_BODY_INVALID', { pointer, detail: `${place}: ${message}` })
}

/** Applies a merge patch (RFC 7396): null takes a member away, objects are merged, anything else replaces. */
export function mergePatch(target: FlatSettings, patch: FlatSettings): FlatSettings {
  const merged = new Map<string, unknown>(Object.entries(target))
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isJsonObject(value)) merged.set(key, mergePatch(isJsonObject(before) ? before : {}, value))
    else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}
