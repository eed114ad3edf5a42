import type { TributaryProcess } from './server-harness.ts'

/** What documents tell to take from the output of the first start, by the names of the shell's variables. */
export function firstStartOf({
  printed,
  address,
}: Pick<TributaryProcess, 'printed' | 'address'>): Record<string, string> {
  const lineOf = (title: string): string => new RegExp(`^${title}:\\n {2}(.*)$`, 'm').exec(printed)?.[1] ?? ''
  const take = (title: string, pattern: RegExp): string => pattern.exec(lineOf(title))?.[1] ?? ''
  const bearer = /Bearer ([^']+)'/
  return {
    TRIBUTARY: address,
    SYNERISE_KEY: take('Synerise', /"apiKey":"([^"]+)"/),
    LICENSE_CODE: take('WebEngage', /\/v1\/accounts\/([^/]+)\//),
    WEBENGAGE_KEY: take('WebEngage', bearer),
    XTREMEPUSH_TOKEN: take('Xtremepush', /"apptoken":"([^"]+)"/),
    PYZE_KEY: take('Pyze', bearer),
    PYZE_APP_KEY: take('Pyze', /"appKey":"([^"]+)"/),
    YOTPO_STORE: take('Yotpo', /\/stores\/([^/]+)\//),
    YOTPO_SECRET: take('Yotpo', /"secret":"([^"]+)"/),
    NATIVE_KEY: take('Tributary', bearer),
  }
}
