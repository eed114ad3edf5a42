import { pino } from 'pino'
import { EXIT_STATUSES } from '../config.ts'
import { fail } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { examine } from './doctor/examine.ts'
import type { Finding } from './doctor/finding.ts'
import { print } from './output.ts'

/** Adds `tributary doctor`. It reads the configuration by itself: a broken one is a finding and no reason to end. */
export function addDoctor({ program, flags }: CommandLine): void {
  program
    .command('doctor')
    .description('check an installation, and say for each fault what to do; changes nothing')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      try {
        report(await examine(flags(), pino({ level: 'silent' })), options)
      } catch (error) {
        fail(error)
      }
    })
}

function report(findings: readonly Finding[], options: { json?: boolean }): void {
  const isFaulty = findings.some(({ level }) => level === 'fault')
  const table = findings.map(({ level, check, message, fix }) => [
    level,
    check,
    fix === undefined ? message : `${message} ${fix}`,
  ])
  print({ json: { healthy: !isFaulty, checks: findings }, table }, options)
  if (isFaulty) process.exitCode = EXIT_STATUSES.faulty.code
}
