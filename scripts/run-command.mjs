// @ts-check
import { spawn } from 'node:child_process'

/**
 * @typedef {object} CommandResult
 * @property {number} exitCode 128 + signal number when a signal ended the program, 127 when it could not start
 * @property {NodeJS.Signals | null} signal
 * @property {string} output standard output and error as they came; empty when the output was shown instead
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
/** @type {NodeJS.Signals | null} */
let received = null

const signals = /** @type {const} */ ({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })
const signalNames = /** @type {(keyof typeof signals)[]} */ (Object.keys(signals))

/**
 * Runs one program to its end, without standard input. A signal that reaches this process is passed on to every
 * program it runs, and ends this process only after they have ended: nothing keeps running behind the prompt.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, output: 'capture' | 'show' | 'show-as-error' }} options `show-as-error` keeps our own
 *   standard output free for what the caller of the script reads
 * @returns {Promise<CommandResult>}
 */
export async function runCommand(command, args, options) {
  const child = spawn(command, args, { cwd: options.cwd, stdio: ['ignore', ...outputOf(options.output)] })
  startForwarding(child)
  const output = collect(child)
  const result = await new Promise((resolve) => {
    child.on('error', (error) => resolve({ exitCode: 127, signal: null, failure: `${error.message}\n` }))
    child.on('close', (code, signal) =>
      resolve({ exitCode: code ?? exitCodeOf(signal), signal, failure: '' }),
    )
  })
  stopForwarding(child)
  return { exitCode: result.exitCode, signal: result.signal, output: output.join('') + result.failure }
}

/**
 * @param {'capture' | 'show' | 'show-as-error'} output
 * @returns {(number | 'pipe')[]}
 */
function outputOf(output) {
  if (output === 'capture') return ['pipe', 'pipe']
  return output === 'show' ? [1, 2] : [2, 2]
}

/** @param {import('node:child_process').ChildProcess} child */
function collect(child) {
  /** @type {string[]} */
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => chunks.push(chunk))
  }
  return chunks
}

/** @param {NodeJS.Signals | null} signal */
function exitCodeOf(signal) {
  const numbers = /** @type {Record<string, number>} */ (signals)
  return 128 + (numbers[signal ?? ''] ?? 9)
}

/** @param {import('node:child_process').ChildProcess} child */
function startForwarding(child) {
  if (running.size === 0) for (const name of signalNames) process.on(name, forward)
  running.add(child)
}

/** @param {import('node:child_process').ChildProcess} child */
function stopForwarding(child) {
  running.delete(child)
  if (running.size > 0) return
  for (const name of signalNames) process.off(name, forward)
  // With our handlers gone the same signal now ends this process the ordinary way.
  if (received) process.kill(process.pid, received)
}

/** @param {NodeJS.Signals} signal */
function forward(signal) {
  received = signal
  for (const child of running) child.kill(signal)
}
