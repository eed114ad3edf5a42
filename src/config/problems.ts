import { CdpError } from '../model/errors.ts'
import type { Path } from '../model/schema-check.ts'

/** One thing that is wrong with the configuration. The message never holds a value: it may be a secret. */
export interface Problem {
  /** As the operator wrote it: `PORT`, `--port`, `workspaces[0].apiKeys[1].scope`, `line 12`. */
  key: string
  message: string
}

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/

/** A path as people write it; whatever is no plain name stands in quotes, on one line. */
export function keyOf(path: Path): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === 'number') return `${key}[${step}]`
    if (!PLAIN_KEY.test(step)) return `${key}[${JSON.stringify(step)}]`
    return key === '' ? step : `${key}.${step}`
  }, '')
}

/** The error that a start ends with: one line a problem, so that all are mended in one go. */
export function configError(problems: readonly Problem[]): CdpError {
  const detail = problems.map(({ key, message }) => `${key}: ${message}`).join('\n')
  return new CdpError('CDP_CONFIG_INVALID', { detail })
}
