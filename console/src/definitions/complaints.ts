import { createContext, useContext } from 'react'
import { problemOf } from '../api/problem.ts'

/** What the server says is wrong with a definition, and where: a JSON pointer into what was sent. */
export interface Complaint {
  pointer: string
  detail: string
}

const Complaints = createContext<readonly Complaint[]>([])

/** Gives the complaints about a definition to the parts of its form. */
export const ComplaintsProvider = Complaints.Provider

/** The complaints of an error that are about a definition. */
export function complaintsIn(error: unknown): readonly Complaint[] {
  if (!error) return []
  return (problemOf(error).errors ?? []).filter(({ pointer }) => isWithin(pointer, '/definition'))
}

/** Whether a place is another one, or inside it. */
function isWithin(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(`${place}/`)
}

/** Whether something is wrong at a place, or inside it. */
export function useIsWrong(at: string): boolean {
  return useContext(Complaints).some(({ pointer }) => isWithin(pointer, at))
}

/** What is wrong inside a place; what is inside one of `others` is said there. */
export function useComplaint(at: string, others: readonly string[] = []): string | undefined {
  const found = useContext(Complaints).find(
    ({ pointer }) => isWithin(pointer, at) && !others.some((other) => isWithin(pointer, other)),
  )
  return found?.detail
}

/** `conditions.3.value: must be a number` is shown at that condition, so only `value` is said. */
export function withoutPlace(complaint: string): string {
  return complaint.replace(/^[^:]*\.(?=[^.:]+: )/, '')
}
