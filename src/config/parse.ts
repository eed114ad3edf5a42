import { parse } from 'lossless-json'
import type { Problem } from './problems.ts'

/**
 * Parses the file. Node's own message is not shown: it quotes the text around the fault, which may be a secret.
 * @returns the value, or what is wrong and in which line
 */
export function parseFile(text: string): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = []
  const onDuplicateKey = ({ key, position }: { key: string; position: number }): never => {
    const message = `the key ${JSON.stringify(key)} is given twice in one object`
    problems.push({ key: lineAt(text, position), message })
    throw new SyntaxError(message)
  }
  try {
    parse(text, null, { parseNumber: Number, onDuplicateKey })
    return { value: JSON.parse(text), problems }
  } catch (error) {
    if (problems.length > 0) return { value: undefined, problems }
    return { value: undefined, problems: [{ key: whereOf(text, error), message: 'is not valid JSON' }] }
  }
}

/** The parser says where it stopped, at the end of its message. */
function whereOf(text: string, error: unknown): string {
  const position = error instanceof SyntaxError ? /at position (\d+)$/.exec(error.message)?.[1] : undefined
  return position === undefined ? 'the file' : lineAt(text, Number(position))
}

function lineAt(text: string, position: number): string {
  return `line ${text.slice(0, position).split('\n').length}`
}
