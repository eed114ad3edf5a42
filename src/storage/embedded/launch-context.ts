import type { RunAs } from './engine-user.ts'
import type { EngineSource } from './engine.ts'
import type { Layout } from './layout.ts'

/** What bringing the engine up needs. */
export interface LaunchContext {
  layout: Layout
  source: EngineSource
  runAs: RunAs | undefined
  log: (message: string, fields?: object) => void
}
