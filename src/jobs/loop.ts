import { setTimeout as delay } from 'node:timers/promises'

/** A piece of background work that is repeated until it is stopped. */
export interface Loop {
  /** Ends after the run that is under way. */
  stop(): Promise<void>
}

/** How a loop runs. Milliseconds. */
export interface LoopOptions {
  /** Does one run; true when there was more to do than it did, so that the next run follows at once. */
  run: () => Promise<boolean>
  pauseMs: number
  /** Told of a run that failed; the next one is tried after the pause. */
  onError: (error: unknown) => void
}

/** Starts a loop. */
export function startLoop({ run, pauseMs, onError }: LoopOptions): Loop {
  const stopping = new AbortController()
  const runs = repeat()
  async function repeat(): Promise<void> {
    while (!stopping.signal.aborted) {
      const more = await run().catch((error: unknown) => {
        if (!stopping.signal.aborted) onError(error)
        return false
      })
      if (!more)
        await delay(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
    }
  }
  return {
    stop: async () => {
      stopping.abort()
      await runs
    },
  }
}
