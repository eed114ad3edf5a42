import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireSocketLock, isHeld, readHolder, waitForSocketLock } from './socket-lock.js'

const MODULE_URL = new URL('./socket-lock.js', import.meta.url).href

let directory: string
let children: ChildProcess[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'socket-lock-'))
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** Runs `body` in a process of its own, with `acquireSocketLock` and the lock's `path` in scope. */
function runChild(path: string, body: string): ChildProcess {
  const source = `import { acquireSocketLock } from ${JSON.stringify(MODULE_URL)}
    const path = ${JSON.stringify(path)}
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

async function readLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString('utf8').trim()
}

/** A process that holds the lock until it is killed. */
async function startHolder(path: string): Promise<ChildProcess> {
  const child = runChild(
    path,
    `const lock = await acquireSocketLock(path)
     console.log(lock.acquired)
     setInterval(() => undefined, 1000)`,
  )
  expect(await readLine(child)).toBe('true')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function take(path: string) {
  const lock = await acquireSocketLock(path)
  if (!lock.acquired) throw new Error('refused')
  return lock
}

test('a second taker is refused and told who holds the lock', async () => {
  const path = join(directory, 'a.sock')
  const first = await acquireSocketLock(path, { info: { role: 'owner' } })
  expect(first.acquired).toBe(true)
  expect(await acquireSocketLock(path)).toEqual({
    acquired: false,
    holder: { pid: process.pid, role: 'owner' },
  })
  if (first.acquired) await first.release()
})

test('release removes the file and lets the next one in', async () => {
  const path = join(directory, 'a.sock')
  const lock = await take(path)
  expect(await isHeld(path)).toBe(true)
  await lock.release()
  await lock.release()
  expect(await isHeld(path)).toBe(false)
  expect(await readdir(directory)).toEqual([])
  await (await take(path)).release()
})

test('releasing twice does not take the lock away from its next holder', async () => {
  const path = join(directory, 'a.sock')
  const first = await take(path)
  await first.release()
  const second = await take(path)
  await first.release()
  expect(await isHeld(path)).toBe(true)
  await second.release()
})

test('the lock of a killed process is free at once', async () => {
  const path = join(directory, 'a.sock')
  const holder = await startHolder(path)
  expect(await readHolder(path)).toEqual({ pid: holder.pid })
  await kill(holder)
  expect(await isHeld(path)).toBe(false)
  await (await take(path)).release()
  expect(await readdir(directory)).toEqual([])
})

test('a stopped holder still holds', async () => {
  const path = join(directory, 'a.sock')
  const holder = await startHolder(path)
  holder.kill('SIGSTOP')
  expect(await acquireSocketLock(path)).toEqual({ acquired: false, holder: undefined })
})

test('of many processes that find a dead holder, exactly one takes over', async () => {
  const path = join(directory, 'a.sock')
  for (let round = 0; round < 3; round += 1) {
    await kill(await startHolder(path))
    const body = `const locks = await Promise.all(Array.from({ length: 25 }, () => acquireSocketLock(path)))
      console.log(locks.filter((lock) => lock.acquired).length)
      setInterval(() => undefined, 1000)`
    const takers = Array.from({ length: 6 }, () => runChild(path, body))
    const won = await Promise.all(takers.map(readLine))
    expect(won.map(Number).reduce((sum, count) => sum + count, 0)).toBe(1)
    await Promise.all(takers.map(kill))
  }
}, 30_000)

test('takers that come and go are never two at a time', async () => {
  const path = join(directory, 'a.sock')
  let inside = 0
  let turns = 0
  const worker = async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const lock = await waitForSocketLock(path, { timeoutMs: 10_000 })
      if (!lock.acquired) throw new Error('no turn within 10 s')
      inside += 1
      expect(inside).toBe(1)
      await readdir(directory)
      inside -= 1
      turns += 1
      await lock.release()
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  expect(turns).toBe(40)
}, 30_000)

test('waiting ends when the holder dies, and gives up after its time', async () => {
  const path = join(directory, 'a.sock')
  const holder = await startHolder(path)
  expect((await waitForSocketLock(path, { timeoutMs: 60 })).acquired).toBe(false)
  const waiting = waitForSocketLock(path, { timeoutMs: 10_000 })
  await kill(holder)
  const lock = await waiting
  expect(lock.acquired).toBe(true)
  if (lock.acquired) await lock.release()
})

test('a path that is longer than a socket address works', async () => {
  const deep = join(directory, 'd'.repeat(100), 'e'.repeat(100))
  await mkdir(deep, { recursive: true })
  const path = join(deep, 'owner.sock')
  const holder = await startHolder(path)
  expect(await acquireSocketLock(path)).toEqual({ acquired: false, holder: { pid: holder.pid } })
  await kill(holder)
  await (await take(path)).release()
  expect(await readdir(deep)).toEqual([])
})

test('the lock does not keep its process alive', async () => {
  const child = runChild(join(directory, 'a.sock'), 'await acquireSocketLock(path)')
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
})

test('leftovers of killed attempts are swept once they are old, other files stay', async () => {
  const path = join(directory, 'a.sock')
  const stale = join(directory, `.${'0'.repeat(16)}.claim`)
  await kill(await startHolder(stale))
  await utimes(stale, 1, 1)
  await writeFile(join(directory, 'other.claim'), '')
  await (await take(path)).release()
  expect(await readdir(directory)).toEqual(['other.claim'])
})

test('a live socket of an old attempt is not swept', async () => {
  const live = join(directory, `.${'1'.repeat(16)}.claim`)
  const server = createServer().listen(live)
  await once(server, 'listening')
  await utimes(live, 1, 1)
  await (await take(join(directory, 'a.sock'))).release()
  expect(await readdir(directory)).toEqual([live.slice(directory.length + 1)])
  server.close()
})

test('a file that is not a socket is never removed', async () => {
  const path = join(directory, 'a.sock')
  await writeFile(path, 'mine')
  await expect(acquireSocketLock(path)).rejects.toThrow('not a socket')
  expect(await readdir(directory)).toEqual(['a.sock'])
})
