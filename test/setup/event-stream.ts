/** An item of the live stream, as far as tests look. */
export interface StreamItem {
  outcome: string
  kind: string
  dialect: string
  name: string | null
  profileId: number | null
  [row: string]: unknown
}

/** A client of server-sent events that keeps all it got. */
export interface EventStream {
  items(): StreamItem[]
  /** How many the server said that it left out. */
  skipped(): number
  gaps(): object[]
  /** The id that a browser would come back with. */
  lastId(): string | undefined
  /** Whether the server ended the stream. */
  isEnded(): boolean
  close(): Promise<void>
}

interface Message {
  id?: string
  event?: string
  data?: string
}

/** Opens a stream. @throws `status retry-after` when it is refused */
export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const ended = new AbortController()
  const response = await fetch(url, { headers, signal: ended.signal })
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel()
    throw new Error(`${response.status} ${response.headers.get('retry-after')}`)
  }
  const messages: Message[] = []
  let isEnded = false
  const reading = collect(response.body, messages).finally(() => {
    isEnded = true
  })
  const of = (event: string): object[] =>
    messages
      .filter((message) => message.event === event)
      .map(({ data = 'null' }) => JSON.parse(data) as object)
  return {
    items: () => of('item') as StreamItem[],
    skipped: () => (of('skipped') as { skipped: number }[]).reduce((sum, { skipped }) => sum + skipped, 0),
    gaps: () => of('gap'),
    lastId: () => messages.findLast(({ id }) => id !== undefined)?.id,
    isEnded: () => isEnded,
    close: async () => {
      ended.abort()
      await reading
    },
  }
}

async function collect(body: ReadableStream<Uint8Array>, messages: Message[]): Promise<void> {
  let text = ''
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      messages.push(...blocks.map(parse))
    }
  } catch {
    // The test left, or the server cut the connection: both end the stream.
  }
}

function parse(block: string): Message {
  const fields = block.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? []
    return name === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(fields)
}
