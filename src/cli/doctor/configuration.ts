import { readConfig, readConfigWithoutFile } from '../../config.ts'
import type { Flags, ServerConfig } from '../../config.ts'
import { CdpError } from '../../model/errors.ts'
import { fault, ok, reasonOf } from './finding.ts'
import type { Finding } from './finding.ts'

/**
 * Reads the configuration: each of its errors is a fault. The other checks then go on with what command line and
 * environment say; without `config` they cannot.
 */
export async function checkConfiguration(
  flags: Flags,
): Promise<{ findings: Finding[]; config: ServerConfig | undefined }> {
  try {
    const config = await readConfig(flags)
    const message = config.declaration
      ? 'The configuration file is valid.'
      : 'There is no configuration file.'
    return { findings: [ok('configuration', message)], config }
  } catch (error) {
    if (!(error instanceof CdpError)) throw error
    const fix = 'Correct it; docs/operations.md lists every setting with its values.'
    const findings = reasonOf(error)
      .split('\n')
      .map((line) => fault('configuration', line, fix))
    return { findings, config: await readConfigWithoutFile(flags).catch(() => undefined) }
  }
}
