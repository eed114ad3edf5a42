import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './test/setup/patience.ts'

/** `npm run prove` sets another scale; see test/prove/scale.ts. */
const isShort = (process.env['PROVE_SCALE'] ?? 'short') === 'short'

const expectations = { poll: { timeout: PATIENCE_MS, interval: 50 } }

// `unit` needs nothing but Node; `integration` and `prove` get a real PostgreSQL from test/setup/postgres.ts.
// `isolate: false` where every file imports the whole server: a worker imports it once, and not for each file anew. Nothing of a
// module's state may outlive a file, then; what a test sets (the clock, the environment) it takes back.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/unit/**/*.test.ts',
            'console/src/**/*.test.ts',
            'sdk/src/**/*.test.ts',
          ],
          exclude: ['**/*.pg.test.ts', '**/node_modules/**'],
          // Some read the whole tree; a busy machine is no failure.
          testTimeout: 20_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'integration',
          expect: expectations,
          include: ['src/**/*.pg.test.ts', 'test/**/*.pg.test.ts'],
          globalSetup: ['test/setup/postgres.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // More than cores: each waits for its database a good part of the time.
          maxWorkers: 3,
          isolate: false,
        },
      },
      {
        test: {
          name: 'system',
          expect: expectations,
          include: ['test/system/**/*.test.ts'],
          globalSetup: ['test/setup/prepared.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has servers, ports and data directories of its own, and mostly waits for processes.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'browser',
          expect: expectations,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/setup/prepared.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A browser and a server are as much as two cores take.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'prove',
          expect: expectations,
          include: ['test/prove/**/*.test.ts'],
          globalSetup: ['test/setup/postgres.ts', 'test/setup/prepared.ts'],
          testTimeout: isShort ? 120_000 : 3_600_000,
          hookTimeout: 120_000,
          // Like system tests; scripts/prove.mjs takes fewer, because its proofs are busy.
          maxWorkers: 3,
          isolate: false,
        },
      },
    ],
  },
})
