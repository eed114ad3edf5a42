import { CdpError } from '../../model/errors.ts'

/** The binaries are built against glibc; elsewhere the loader's own message leads nobody to that. */
const LOADER_PATTERN =
  /error while loading shared libraries|Error loading shared library|ENOENT|symbol not found/

/**
 * An error of the engine, with what the engine itself said as `cause`.
 * @param detail what to tell the operator; ends without a full stop
 * @param output the engine's last words
 */
export function engineFailure(detail: string, output: string): CdpError {
  const hint = LOADER_PATTERN.test(output)
    ? '. The bundled binaries need glibc; on Alpine and other musl systems set DATABASE_URL'
    : ''
  return new CdpError('CDP_ENGINE_FAILED', { detail: `${detail}${hint}.`, cause: new Error(output.trim()) })
}
