import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { waitFor } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { Stage } from '../load/stage.ts'
import { SCALE, amount } from '../scale.ts'

/** Calls that must be stored before a fault and after it. */
const CALLS = amount({ short: 30, full: 1_000, long: 5_000 })

/** Callers whose COMMITs got no answer wait as long as a request may take, 30 s, and these may be all of them. */
const REFUSED_TIMEOUT_MS = 60_000

/** What a test leaves to be ended, last first. */
let endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.toReversed()) await end()
  endings = []
})

async function openStage(parent?: string): Promise<Stage> {
  const stage = await Stage.open(parent === undefined ? {} : { parent })
  endings.push(() => stage.close())
  return stage
}

test('a disk that takes no write: no success is answered, and all goes on once it takes writes again', async () => {
  const stage = await openStage()
  stage.startLoad()
  await stage.untilStored(CALLS)
  await limitFileSizes(stage, '0')
  await waitFor(
    'writes that are refused',
    async () => ((stage.load.refusals.get(503) ?? 0) > 0 ? true : undefined),
    REFUSED_TIMEOUT_MS,
  )
  await limitFileSizes(stage, 'unlimited')
  await stage.untilStored(CALLS)
  expect(stage.server.child.exitCode).toBeNull()
  await stage.expectKept()
})

/**
 * From now on a write beyond this many bytes of any file fails: for PostgreSQL, and for the server too, because the
 * PostgreSQL that it starts again has the same disk.
 */
async function limitFileSizes(stage: Stage, bytes: string): Promise<void> {
  const limit = (pid: number): unknown => execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
  limit(Number(stage.server.child.pid))
  for (const pid of await stage.sandbox.files.engineProcesses()) {
    try {
      limit(pid)
    } catch (error) {
      // One that ended meanwhile needs no limit.
      if (existsSync(`/proc/${pid}`)) throw error
    }
  }
}

/** Mounts a file system of 512 MiB in memory; skips the test, and says why, where that is refused. */
function mountSmallDisk(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m,mode=0755', 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    const reason: unknown = Reflect.get(Object(error), 'stderr')
    context.skip(`a small disk cannot be mounted here: ${String(reason).trim()}`)
  }
  endings.push(() => {
    execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })
  return folder
}

test('a disk that is full: no success is answered that is not kept, and all goes on once there is room', async (context) => {
  const disk = mountSmallDisk(context)
  const stage = await openStage(disk)
  stage.startLoad()
  await stage.untilStored(CALLS)
  const ballast = join(disk, 'ballast')
  const until = (): boolean => (stage.load.refusals.get(503) ?? 0) > 20
  await fill(ballast, until)
  rmSync(ballast)
  await stage.untilStored(CALLS)
  expect(stage.server.child.exitCode).toBeNull()
  const { acknowledged } = await stage.expectKept()
  note({ proof: 'crash', what: 'a full disk: items kept', value: acknowledged })
})

test.skipIf(SCALE === 'short')(
  'a disk that is read-only at the start: the server says so and ends, and starts when it is mended',
  async (context) => {
    const disk = mountSmallDisk(context)
    const stage = await openStage(disk)
    stage.startLoad()
    await stage.untilStored(CALLS)
    await stage.load.stop()
    await stage.server.stop()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const refused = stage.sandbox.launch()
    expect((await refused.end()).code).not.toBe(0)
    expect(refused.stderr).toMatch(/read-only/i)
    execFileSync('mount', ['-o', 'remount,rw', disk])
    await stage.serveAgain()
    await stage.expectKept()
  },
)

/** Takes all room that is left, again and again, until `isEnough`: what the server gives free is taken too. */
async function fill(file: string, isEnough: () => boolean): Promise<void> {
  const handle = openSync(file, 'w')
  const block = Buffer.alloc(1024 * 1024)
  try {
    await waitFor('callers that feel the full disk', async () => {
      for (let size = block.length; size >= 512;) {
        try {
          writeSync(handle, block, 0, size)
        } catch {
          size = size / 2
        }
      }
      return isEnough() ? true : undefined
    })
  } finally {
    closeSync(handle)
  }
}
