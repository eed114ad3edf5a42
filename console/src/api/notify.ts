import { notifications } from '@mantine/notifications'
import { problemOf } from './problem.ts'

/** Says in a corner that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'teal' })
}

/** Says in a corner what went wrong; for what has no place of its own on the page. */
export function notifyProblem(error: unknown): void {
  const { title, detail, traceId } = problemOf(error)
  const message = `${detail}${traceId === undefined ? '' : ` (trace id ${traceId})`}`
  notifications.show({ title, message, color: 'red', autoClose: 10_000 })
}
