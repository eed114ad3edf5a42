import { expect } from 'vitest'
import type { ServerSandbox } from './server-harness.ts'

/** One line of `doctor --json`. */
interface Finding {
  check: string
  level: 'ok' | 'warning' | 'fault'
  message: string
  fix?: string
}

/** What `doctor --json` said, and with which exit code. */
export interface Report {
  code: number | null
  healthy: boolean
  checks: Finding[]
}

/** How it is asked. */
export interface Look {
  args?: readonly string[]
  env?: Record<string, string>
}

/** Runs `doctor` and holds what is true of every answer: a way on for each complaint, and the exit code. */
export async function doctor(sandbox: ServerSandbox, { args = [], env = {} }: Look = {}): Promise<Report> {
  const command = sandbox.launch({ args: [...args, 'doctor', '--json'], env })
  const { code } = await command.end()
  expect(command.stderr).toBe('')
  const report = JSON.parse(command.stdout) as Omit<Report, 'code'>
  for (const { level, message, fix } of report.checks) {
    if (level !== 'ok') expect(fix, message).toMatch(/\w/)
  }
  expect(code).toBe(report.healthy ? 0 : 2)
  return { code, ...report }
}

/** What is wrong, as `fault check: message`. */
export const complaints = ({ checks }: Report): string[] =>
  checks
    .filter(({ level }) => level !== 'ok')
    .map(({ level, check, message }) => `${level} ${check}: ${message}`)
