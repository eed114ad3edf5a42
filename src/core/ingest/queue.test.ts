import { expect, test } from 'vitest'
import { CdpError } from '../../model/errors.ts'
import { IngestQueue } from './queue.ts'
import type { Waiting } from './queue.ts'

function waiting(key: string, commands = 1): Waiting {
  const prepared = { unit: { bytes: 1 }, commands: Array.from({ length: commands }), keys: [key] }
  return {
    prepared: prepared as unknown as Waiting['prepared'],
    enqueuedMs: 0,
    resolve: () => undefined,
    reject: () => undefined,
  }
}

/** What `taking` gave by now; undefined while it still waits. */
async function takenBy(taking: Promise<Waiting[] | undefined>): Promise<number | undefined> {
  const later = new Promise<undefined>((resolve) => setImmediate(resolve, undefined))
  return (await Promise.race([taking, later]))?.length
}

test('while a small transaction runs, another begins only once half as many commands wait', async () => {
  const queue = new IngestQueue()
  for (let n = 0; n < 10; n++) queue.add(waiting(`first-${n}`))
  expect(await takenBy(queue.take())).toBe(10)
  const second = queue.take()
  for (let n = 0; n < 4; n++) queue.add(waiting(`second-${n}`))
  expect(await takenBy(second)).toBeUndefined()
  queue.add(waiting('second-4'))
  expect(await takenBy(second)).toBe(5)
})

test('what waits for a small transaction goes as soon as that one is over', async () => {
  const queue = new IngestQueue()
  for (let n = 0; n < 10; n++) queue.add(waiting(`first-${n}`))
  const first = await queue.take()
  const second = queue.take()
  queue.add(waiting('alone'))
  expect(await takenBy(second)).toBeUndefined()
  queue.release(first ?? [])
  expect(await takenBy(second)).toBe(1)
})

test('a lone command does not wait for a large transaction, nor for the end of the queue', async () => {
  const queue = new IngestQueue()
  queue.add(waiting('import', 1_000))
  await queue.take()
  const second = queue.take()
  queue.add(waiting('alone'))
  expect(await takenBy(second)).toBe(1)
  const third = queue.take()
  queue.close()
  expect(await third).toBeUndefined()
})

test('a queue is crowded before it is full: a large unit would be refused, a small one still fits', () => {
  const queue = new IngestQueue()
  for (let n = 0; n < 17; n++) queue.add(waiting(`calm-${n}`, 1_000))
  expect([queue.isCrowded, queue.isFull]).toEqual([false, false])
  queue.add(waiting('crowding', 1_000))
  expect([queue.isCrowded, queue.isFull]).toEqual([true, false])
  queue.add(waiting('small'))
  expect(() => queue.add(waiting('large', 2_000))).toThrow('at its limit')
})

test('what waits is refused at once, and what is under way is not', async () => {
  const queue = new IngestQueue()
  const refused: unknown[] = []
  const refusing = (item: Waiting): Waiting => ({ ...item, reject: (error) => refused.push(error) })
  queue.add(refusing(waiting('taken', 1_000)))
  await queue.take()
  for (let n = 0; n < 19; n++) queue.add(refusing(waiting(`waiting-${n}`, 1_000)))
  const error = new CdpError('CDP_STORAGE_UNAVAILABLE')
  queue.refuseWaiting(error)
  expect(refused).toEqual(Array.from({ length: 19 }, () => error))
  expect([queue.commands, queue.isCrowded]).toEqual([0, false])
  const next = queue.take()
  queue.add(waiting('next'))
  expect(await takenBy(next)).toBe(1)
})
