import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { vi } from 'vitest'

/** A shell that reads what a guide says, line by line. */
export class GuideShell {
  readonly #child: ChildProcess
  #output = ''

  /** @param variables what the guide tells the reader to put into the shell */
  constructor(variables: Readonly<Record<string, string>>) {
    const env = { ...process.env, ...variables }
    this.#child = spawn('/bin/sh', ['-e'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()))
  }

  /** Runs lines; gives what they print. @throws the shell ended: a call failed */
  async run(script: string): Promise<string> {
    const from = this.#output.length
    this.#child.stdin?.write(`${script}\necho "<done>"\n`)
    const isOver = (): boolean => this.#output.includes('<done>', from) || this.#child.exitCode !== null
    await vi.waitUntil(isOver, { timeout: 20_000, interval: 20 })
    if (this.#child.exitCode !== null) throw new Error(`the shell ended at: ${script}`)
    return this.#output.slice(from).replace('<done>\n', '')
  }

  end(): void {
    this.#child.stdin?.end()
  }
}
