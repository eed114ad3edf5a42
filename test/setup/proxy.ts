import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/**
 * What becomes of a statement on its way: `pass` it, `lose` it with the connection before PostgreSQL sees it, or
 * `swallow` its answer with the connection after PostgreSQL has done it; with `vanish` all connections go with it.
 */
export type Verdict = 'pass' | 'lose' | 'swallow' | 'vanish'

/** A road between the pools and PostgreSQL that a test can break at an exact place. */
export class PostgresProxy {
  /** Asked for every statement of the simple protocol: begin, commit, rollback and settings. */
  rule: (sql: string) => Verdict = () => 'pass'
  readonly connectionString: string
  readonly #server: Server
  readonly #target: { host: string; port: number }
  readonly #links = new Set<Socket>()
  #reachable = true

  private constructor(server: Server, port: number, target: URL) {
    this.#server = server
    this.#target = { host: target.hostname, port: Number(target.port) }
    const url = new URL(target)
    url.port = String(port)
    this.connectionString = url.href
    server.on('connection', (socket) => this.#join(socket))
  }

  /** Opens a road to the database of a connection string. */
  static async open(connectionString: string): Promise<PostgresProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return new PostgresProxy(server, address.port, new URL(connectionString))
  }

  /** Breaks every connection; new ones are broken too until it is reachable again. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable
    if (!reachable) for (const socket of this.#links) socket.destroy()
  }

  /** Ends the road. */
  async close(): Promise<void> {
    this.setReachable(false)
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    client.on('error', () => undefined)
    if (!this.#reachable) {
      client.destroy()
      return
    }
    const server = connect(this.#target)
    server.on('error', () => undefined)
    const cut = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#links.add(socket)
      socket.on('close', () => {
        this.#links.delete(socket)
        cut()
      })
    }
    let onAnswer: (() => void) | undefined
    const read = statementReader()
    client.on('data', (chunk: Buffer) => {
      const verdicts = read(chunk).map((sql) => this.rule(sql))
      if (verdicts.includes('lose')) return cut()
      if (verdicts.includes('swallow')) onAnswer = cut
      if (verdicts.includes('vanish')) onAnswer = () => this.setReachable(false)
      server.write(chunk)
    })
    server.on('data', (chunk: Buffer) => (onAnswer ? onAnswer() : client.write(chunk)))
  }
}

const QUERY = 'Q'.charCodeAt(0)

/** Finds the texts of simple queries in what a client sends; the first message has no type byte. */
function statementReader(): (chunk: Buffer) => string[] {
  let rest: Buffer = Buffer.alloc(0)
  let isStarted = false
  return (chunk) => {
    const found: string[] = []
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = isStarted ? 1 : 0
      if (rest.length < head + 4) return found
      const length = head + rest.readUInt32BE(head)
      if (rest.length < length) return found
      if (isStarted && rest[0] === QUERY) found.push(rest.subarray(5, length - 1).toString('utf8'))
      isStarted = true
      rest = rest.subarray(length)
    }
  }
}
