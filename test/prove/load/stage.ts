import { ServerSandbox, waitFor } from '../../system/server-harness.ts'
import type { LaunchOptions, TributaryProcess } from '../../system/server-harness.ts'
import { MixedLoad } from './mixed-load.ts'
import type { Pace } from './mixed-load.ts'
import { SHOP, buyYotpoToken } from './shop.ts'
import { expectKept } from './stored.ts'
import type { StoredItems } from './stored.ts'

/** Longer than a recovery of PostgreSQL after a crash, and than the retries of the server. */
const STORED_TIMEOUT_MS = 90_000

/** See {@link Stage.open}. */
interface StageOptions {
  parent?: string
  config?: object
  hasWorker?: boolean
}

/** A server with {@link SHOP} in a sandbox of its own, and the mixed load against it. */
export class Stage {
  readonly sandbox: ServerSandbox
  server: TributaryProcess
  /** Does the background work, where the stage was opened with one. */
  worker: TributaryProcess | undefined
  readonly load: MixedLoad
  readonly #options: LaunchOptions

  private constructor(
    sandbox: ServerSandbox,
    server: TributaryProcess,
    load: MixedLoad,
    options: LaunchOptions,
  ) {
    this.sandbox = sandbox
    this.server = server
    this.load = load
    this.#options = options
  }

  /**
   * Starts the server; nothing is called yet.
   * @param options.parent where the folder with the data is made
   * @param options.config more of the configuration file
   * @param options.hasWorker leaves the background work to a process of its own
   */
  static async open({ parent, config = {}, hasWorker = false }: StageOptions = {}): Promise<Stage> {
    const sandbox = parent ? await ServerSandbox.empty(parent) : await ServerSandbox.prepared()
    const server = hasWorker ? { server: { backgroundWork: false } } : {}
    const file = await sandbox.writeConfig({ ...server, ...config, workspaces: [SHOP] })
    const options = { args: ['--config', file] }
    const serving = await sandbox.serve(options)
    const load = new MixedLoad(await buyYotpoToken(serving.address))
    const stage = new Stage(sandbox, serving, load, options)
    if (hasWorker) await stage.workAgain()
    return stage
  }

  /** Starts another server in the place of one that has ended. */
  async serveAgain(): Promise<void> {
    this.server = await this.sandbox.serve(this.#options)
  }

  /** Starts another worker in the place of one that has ended. */
  async workAgain(): Promise<void> {
    this.worker = await this.sandbox.work(this.#options)
  }

  /** Starts the callers. */
  startLoad(pace?: Pace): void {
    this.load.start(() => this.server.address, pace)
  }

  /** Waits until this many further calls are answered with success. */
  async untilStored(calls: number): Promise<void> {
    const goal = this.load.count('stored') + calls
    const isReached = async (): Promise<true | undefined> =>
      this.load.count('stored') >= goal ? true : undefined
    await waitFor(`${calls} calls that are answered with success`, isReached, STORED_TIMEOUT_MS)
  }

  /** One statement on the database of the server. */
  readonly query = <Row extends object>(sql: string): Promise<Row[]> => this.sandbox.query<Row>(sql)

  /** Stops the load and holds the database against what was answered, then again after every call was stored. */
  async expectKept(): Promise<StoredItems> {
    await this.load.stop()
    await expectKept(this.query, this.load)
    await this.load.finish(this.server.address)
    return expectKept(this.query, this.load)
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.load.stop()
    await this.sandbox.destroy()
  }
}
