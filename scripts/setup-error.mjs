// @ts-check

/** A setup step that failed for a reason the user can act on; its message is a whole sentence for the terminal. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode what the script ends with: the failed program's own code where there is one
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.name = 'SetupError'
    this.exitCode = exitCode
  }
}

/**
 * Runs the body of a script; a SetupError ends it with its sentence and exit code instead of a stack trace.
 * @param {() => Promise<void>} body
 */
export async function runScript(body) {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exitCode = error.exitCode
  }
}
