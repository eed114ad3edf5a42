/** One violation as Ajv reports it. */
export interface Violation {
  instancePath: string
  keyword: string
  params: Readonly<Record<string, unknown>>
  message?: string
}

/**
 * The first violation as a sentence for the caller, with the place but without any value of the body.
 * @returns `users[3].userId: must be a string` and the JSON pointer `/users/3/userId`
 */
export function describeViolations(violations: readonly Violation[]): { detail: string; pointer: string } {
  const violation = violations.find(({ keyword }) => keyword !== 'anyOf') ?? violations[0]
  if (!violation) return { detail: 'The request is invalid.', pointer: '' }
  const missing = violation.params['missingProperty'] ?? violation.params['additionalProperty']
  const pointer =
    typeof missing === 'string' ? `${violation.instancePath}/${missing}` : violation.instancePath
  const place = pointer === '' ? 'body' : readablePath(pointer)
  return { detail: `${place}: ${explain(violation)}`, pointer }
}

/** `/users/3/userId` as `users[3].userId`. */
export function readablePath(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, token) => (/^\d+$/.test(token) ? `${path}[${token}]` : path === '' ? token : `${path}.${token}`),
      '',
    )
}

function explain({ keyword, params, message }: Violation): string {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
      return 'is not known'
    case 'type':
      return `must be ${String(params['type']).split(',').join(' or ')}`
    case 'minItems':
      return `at least ${String(params['limit'])} item required`
    case 'maxItems':
      return `at most ${String(params['limit'])} items allowed`
    case 'minLength':
      return 'must not be empty'
    case 'maxLength':
      return `at most ${String(params['limit'])} characters allowed`
    case 'enum':
      return `must be one of ${asList(params['allowedValues'])}`
    case 'const':
      return 'has a value that is not allowed'
    default:
      return message ?? 'is invalid'
  }
}

function asList(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : ''
}
