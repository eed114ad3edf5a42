import { native } from './native.ts'
import { pyze } from './pyze.ts'
import { synerise } from './synerise.ts'
import { webengage } from './webengage.ts'
import { xtremepush } from './xtremepush.ts'
import { yotpo } from './yotpo.ts'

/** One for each API that the server speaks. */
export const RECIPES = [native, synerise, webengage, xtremepush, pyze, yotpo]
