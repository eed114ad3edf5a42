import { openInstallation } from '../installation.ts'
import type { CommandLine } from './command-line.ts'

/** Adds `tributary migrate`. */
export function addMigrate({ program, run }: CommandLine): void {
  program
    .command('migrate')
    .description("bring the database to this version's schema; a running server stays up")
    .action(() =>
      run(async (config, { logger }) => {
        const installation = await openInstallation(config, 'guest', logger)
        await installation.close()
        const { applied } = installation
        process.stdout.write(applied.length === 0 ? 'Nothing to do.\n' : `Applied: ${applied.join(', ')}.\n`)
      }),
    )
}
