import { AjvCompiler } from '@fastify/ajv-compiler'
import type { BuildCompilerFromPool } from '@fastify/ajv-compiler'

type Compile = ReturnType<BuildCompilerFromPool>
type Check = ReturnType<Compile>

/** Fastify makes one for each server. One for the process: schemas are the same in all of them, and it keeps what it compiled. */
const buildCompile = AjvCompiler()

/**
 * Makes Fastify's checks of requests, each compiled when the first request needs it: compiling those of all routes is a sixth of
 * a start.
 */
export const buildLazyCompile: BuildCompilerFromPool = (externalSchemas, options) => {
  const compile = buildCompile(externalSchemas, options)
  return (route) => lazily(() => compile(route))
}

/** Fastify reads a complaint off the check that it called. */
function lazily(compile: () => Check): Check {
  let compiled: Check | undefined
  const check = (value: unknown): unknown => {
    compiled ??= compile()
    const outcome = compiled(value)
    check.errors = compiled.errors
    return outcome
  }
  check.errors = undefined as Check['errors']
  return check as Check
}
