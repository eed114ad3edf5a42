import { Tooltip } from '@mantine/core'

const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** `3 days ago`, from milliseconds since 1970. */
function relativeTime(at: number, now: number): string {
  const seconds = (at - now) / 1_000
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return RELATIVE.format(Math.round(seconds / length), unit)
}

/** `26 Nov 2026, 22:04:11` in the time zone of this browser. */
export function wholeTime(at: string): string {
  return WHOLE.format(new Date(at))
}

/** An instant: how long ago it is, and exactly when where one points at it. */
export function Time({ at, whole = false }: { at: string; whole?: boolean }) {
  const text = wholeTime(at)
  return (
    <Tooltip label={whole ? at : text}>
      <time dateTime={at}>{whole ? text : relativeTime(Date.parse(at), Date.now())}</time>
    </Tooltip>
  )
}
