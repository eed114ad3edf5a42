import { useState } from 'react'
import { usePatchWorkspace } from './use-patch-workspace.ts'
import type { PolicyGroup, Value } from './policy-types.ts'
import { isGroupOn, patchOf, valuesOf } from './policy-values.ts'
import type { Values } from './policy-values.ts'
import type { ReadWorkspace } from './workspace-query.ts'

/** A group of settings as it is being changed. */
export interface PolicyFormState {
  values: Values
  isOn: boolean
  /** Whether anything would change. */
  isDirty: boolean
  isPending: boolean
  error: unknown
  set: (path: string, value: Value) => void
  setOn: (isOn: boolean) => void
  save: () => void
  discard: () => void
}

/** Only what one touched is kept here: the rest follows what is there, also when somebody else changes it meanwhile. */
export function usePolicyForm(group: PolicyGroup, read: ReadWorkspace): PolicyFormState {
  const { settings } = read.workspace
  const [touched, setTouched] = useState<Values>({})
  const [isTurned, setTurned] = useState<boolean>()
  const discard = (): void => {
    setTouched({})
    setTurned(undefined)
  }
  const patch = usePatchWorkspace(read, discard)
  const values = { ...valuesOf(group.fields, settings), ...touched }
  const isOn = isTurned ?? isGroupOn(group, settings)
  const changes = patchOf(group, settings, values, isOn)
  return {
    values,
    isOn,
    isDirty: Object.keys(changes).length > 0,
    isPending: patch.isPending,
    error: patch.error,
    set: (path, value) => setTouched((before) => ({ ...before, [path]: value })),
    setOn: setTurned,
    save: () => patch.mutate({ settings: changes }),
    discard: () => {
      discard()
      patch.reset()
    },
  }
}
