import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { mendClockSteps } from '../../src/core/health/index.ts'
import { HOUR_MS, MINUTE_MS, now } from '../../src/lib/time.ts'
import { activation, atTime, deliverAll, newAddress, openPost, readAgain } from '../setup/messages.ts'
import type { Post } from '../setup/messages.ts'

let post: Post

beforeAll(async () => {
  post = await openPost()
})

afterEach(() => post.settle())

afterAll(() => post.close())

test('a message that was queued before the clock was set back by an hour does not wait for that hour', async () => {
  const messages = post.open()
  const message = await post.enqueue(messages, activation(newAddress()))
  await atTime(now() - HOUR_MS, async () => {
    await deliverAll(messages)
    expect((await readAgain(messages, message)).state).toBe('queued')
    await mendClockSteps(post.database.db)
    await deliverAll(messages)
  })
  expect((await readAgain(messages, message)).state).toBe('sent')
})

test('a message that waits its turn after failures is left alone', async () => {
  const messages = post.open()
  const message = await post.enqueue(messages, activation(newAddress()))
  const start = now() + 1_000
  post.mailServer.refusals.push('4.7.1 greylisted')
  await atTime(start, () => deliverAll(messages))
  await atTime(start, () => mendClockSteps(post.database.db))
  const { state, nextAttemptAt } = await readAgain(messages, message)
  expect([state, nextAttemptAt]).toEqual(['queued', start + MINUTE_MS])
})
