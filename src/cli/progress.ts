/** Where the progress goes: one line that is written over on a terminal, plain lines otherwise. */
export interface Progress {
  /** Tells how many rows and bytes are done. */
  tell(rows: number, bytes: number): void
  /** Ends the line on a terminal. */
  end(): void
}

const TERMINAL_EVERY_MS = 200

const PLAIN_EVERY_MS = 5_000

/** Opens a progress. @param totalBytes what there is to do; undefined where that is not known (stdin) */
export function openProgress(out: NodeJS.WriteStream, totalBytes: number | undefined): Progress {
  const startedMs = performance.now()
  const everyMs = out.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS
  let toldMs = startedMs
  const tell = (rows: number, bytes: number): void => {
    const nowMs = performance.now()
    if (nowMs - toldMs < everyMs) return
    toldMs = nowMs
    const text = describeProgress({ rows, bytes, totalBytes, seconds: (nowMs - startedMs) / 1_000 })
    out.write(out.isTTY ? `\r\u001B[2K${text}` : `${text}\n`)
  }
  return { tell, end: () => void (out.isTTY && out.write('\r\u001B[2K')) }
}

/** `12,000 rows, 4,000 a second, 40 %, 9 s left` */
export function describeProgress(state: {
  rows: number
  bytes: number
  totalBytes: number | undefined
  seconds: number
}): string {
  const { rows, bytes, totalBytes, seconds } = state
  const count = (value: number): string => Math.round(value).toLocaleString('en-US')
  const base = `${count(rows)} rows, ${count(rows / Math.max(seconds, 0.001))} a second`
  if (totalBytes === undefined || totalBytes === 0 || bytes === 0) return base
  const done = Math.min(1, bytes / totalBytes)
  return `${base}, ${Math.floor(done * 100)} %, ${count((seconds / done) * (1 - done))} s left`
}
