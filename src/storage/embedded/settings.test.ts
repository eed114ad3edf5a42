import { expect, test } from 'vitest'
import { settingsFor } from './settings.ts'

const GIB = 1024 ** 3

test('a large machine gets the upper bounds', () => {
  const machine = { memoryBytes: 256 * GIB, diskFreeBytes: 2000 * GIB, sharedMemoryBytes: 128 * GIB }
  expect(settingsFor(machine, 5000)).toMatchObject({
    port: '5000',
    shared_buffers: '4096MB',
    max_wal_size: '8192MB',
    min_wal_size: '1024MB',
    wal_buffers: '64MB',
    dynamic_shared_memory_type: 'posix',
  })
})

test('a small container gets modest values that fit its disk and its /dev/shm', () => {
  const machine = { memoryBytes: GIB / 2, diskFreeBytes: GIB, sharedMemoryBytes: 64 * 1024 ** 2 }
  expect(settingsFor(machine, 5000)).toMatchObject({
    shared_buffers: '128MB',
    max_wal_size: '256MB',
    min_wal_size: '64MB',
    wal_buffers: '16MB',
    work_mem: '8MB',
    dynamic_shared_memory_type: 'mmap',
  })
})

test('nothing that guards data is ever off', () => {
  const machine = { memoryBytes: 4 * GIB, diskFreeBytes: 50 * GIB, sharedMemoryBytes: 2 * GIB }
  expect(settingsFor(machine, 1)).toMatchObject({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
  })
})
