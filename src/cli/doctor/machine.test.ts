import { expect, test } from 'vitest'
import { judgeClock } from './database.ts'
import { judgeDisk, judgeFileLimit, judgeNode } from './machine.ts'

// What a test cannot make on the machine it runs on: an old Node, a full disk, another clock.

test.each([
  ['20.20.2', 'ok'],
  ['20.21.0', 'ok'],
  ['24.0.0', 'ok'],
  ['20.20.1', 'fault'],
  ['20.9.9', 'fault'],
  ['18.99.99', 'fault'],
])('Node %s is %s for >=20.20.2', (version, level) => {
  expect(judgeNode(version, '>=20.20.2')).toMatchObject({ check: 'node', level })
})

test.each([
  [5 * 1024 ** 3, 'ok'],
  [1024 ** 3 - 1, 'warning'],
  [100 * 1024 ** 2, 'warning'],
  [100 * 1024 ** 2 - 1, 'fault'],
  [0, 'fault'],
])('%d free bytes are %s', (bytes, level) => {
  expect(judgeDisk(bytes, '/data')).toMatchObject({ check: 'disk space', level })
})

test.each([
  [0, 'ok'],
  [-1_999, 'ok'],
  [2_000, 'warning'],
  [-59_999, 'warning'],
  [60_000, 'fault'],
  [-86_400_000, 'fault'],
])('clocks that differ by %d ms are %s', (differenceMs, level) => {
  expect(judgeClock(differenceMs)).toMatchObject({ check: 'clock', level })
})

test('a system that tells no limit of open files is not complained about', () => {
  expect(judgeFileLimit(undefined).level).toBe('ok')
  expect(judgeFileLimit(Number.POSITIVE_INFINITY).level).toBe('ok')
})

test('whatever is not ok says what to do', () => {
  const findings = [judgeNode('1.0.0', '>=20.0.0'), judgeDisk(0, '/data'), judgeClock(9e9), judgeFileLimit(1)]
  for (const { fix } of findings) expect(fix).toMatch(/\w/)
})
