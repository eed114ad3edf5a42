/** The registry: every dialect that the server speaks, one line each. */
import type { Dialect } from './dialect.ts'
import { native } from './native/index.ts'
import { pyze } from './pyze/index.ts'
import { synerise } from './synerise/index.ts'
import { webengage } from './webengage/index.ts'
import { xtremepush } from './xtremepush/index.ts'
import { yotpo } from './yotpo/index.ts'

export type { Dialect, Operation, Starter } from './dialect.ts'

/** Every dialect, in the order of the documentation. */
export const dialects: readonly Dialect[] = [synerise, webengage, xtremepush, pyze, yotpo, native]
