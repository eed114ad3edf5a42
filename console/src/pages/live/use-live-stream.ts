import { useCallback, useEffect, useRef, useState } from 'react'
import { keyOfItem } from './live-item.ts'
import type { LiveItem } from './live-item.ts'

/** How many are kept: what comes above goes from the end. */
const KEPT = 1_000

/** How often what came is shown, milliseconds: a page that changes at each item cannot be read. */
const SHOW_EVERY_MS = 250

/** What is watched. */
export interface LiveFilter {
  dialect?: string | undefined
  name?: string | undefined
  outcome?: string | undefined
}

/** What came, and whether more comes. */
export interface LiveStream {
  /** The newest first. */
  items: readonly LiveItem[]
  state: 'connecting' | 'open' | 'broken'
  /** More than the stream gives in a second. */
  skipped: number
  isPaused: boolean
  /** Came while it was paused. */
  waiting: number
  setPaused: (isPaused: boolean) => void
  clear: () => void
  reconnect: () => void
}

/** Watches the stream while the page is open; the browser connects anew when it breaks, and goes on where it was. */
export function useLiveStream({ dialect, name, outcome }: LiveFilter): LiveStream {
  const [items, setItems] = useState<readonly LiveItem[]>([])
  const [state, setState] = useState<LiveStream['state']>('connecting')
  const [skipped, setSkipped] = useState(0)
  const [isPaused, setPaused] = useState(false)
  const [waiting, setWaiting] = useState(0)
  const [attempt, setAttempt] = useState(0)
  const came = useRef<LiveItem[]>([])
  const clear = useCallback(() => {
    came.current = []
    setItems([])
    setSkipped(0)
    setWaiting(0)
  }, [])

  useEffect(() => {
    clear()
    setState('connecting')
    const source = new EventSource(addressOf({ dialect, name, outcome }))
    source.addEventListener('open', () => setState('open'))
    source.addEventListener('error', () =>
      setState(source.readyState === EventSource.CLOSED ? 'broken' : 'connecting'),
    )
    source.addEventListener('item', ({ data }: MessageEvent<string>) => {
      came.current = [JSON.parse(data) as LiveItem, ...came.current].slice(0, KEPT)
    })
    source.addEventListener('skipped', ({ data }: MessageEvent<string>) =>
      setSkipped((before) => before + (JSON.parse(data) as { skipped: number }).skipped),
    )
    return () => source.close()
  }, [dialect, name, outcome, attempt, clear])

  useEffect(() => {
    const show = (): void => {
      if (isPaused || came.current.length === 0) return setWaiting(came.current.length)
      const fresh = came.current
      came.current = []
      setItems((before) => withoutTwice([...fresh, ...before]).slice(0, KEPT))
      setWaiting(0)
    }
    const timer = setInterval(show, SHOW_EVERY_MS)
    return () => clearInterval(timer)
  }, [isPaused])

  const reconnect = (): void => setAttempt(attempt + 1)
  return { items, state, skipped, isPaused, waiting, setPaused, clear, reconnect }
}

function addressOf(filter: LiveFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined) as [string, string][]
  return `/api/v1/stream?${new URLSearchParams(given).toString()}`
}

/** A stream that goes on where it was may give the last ones again. */
function withoutTwice(items: readonly LiveItem[]): LiveItem[] {
  return [...new Map(items.map((item) => [keyOfItem(item), item])).values()]
}
