import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkSync } from 'recheck'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { note } from '../figures.ts'

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url))

/** Patterns that can take long on long texts, and why theirs never are. */
const BOUNDED: Readonly<Record<string, string>> = {
  '\\/+$': 'the public URL of the configuration file',
  '0+$': 'the digits of a number that PostgreSQL printed of a double or a sum',
  '[eE].*$': 'a number that a JSON parser has read: it holds one exponent',
  'pre-existing shared memory block .* still in use|lock file "postmaster\\.pid" already exists|could not bind IPv4 address|could not create any TCP\\/IP sockets':
    'the last lines of the log of our own database, cut to a few kilobytes',
}

/** The judge only guesses at a look-ahead, now so and now otherwise: this one stops at the next quote, and so does all behind it. */
const GUESSED = `"(?=[^"]*(?:id|user|customer|client|key|value|mail|phone))`

/** A regular expression of the product, and where it stands. */
interface Pattern {
  source: string
  flags: string
  file: string
}

/** Stands for what a pattern is put together of at run time: escaped names, one or the other. */
const INSERTED = '(?:one|other)'

/** Every literal, every `pattern` of a schema, and every template of a file that makes expressions at run time. */
function patternsOf(file: string): Pattern[] {
  const text = readFileSync(SOURCES + file, 'utf8')
  const found: Pattern[] = []
  const makesSome = text.includes('new RegExp(')
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? []
      found.push({ source, flags, file })
    } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'pattern') {
      if (ts.isStringLiteralLike(node.initializer))
        found.push({ source: node.initializer.text, flags: 'u', file })
    } else if (makesSome && ts.isTemplateExpression(node) && /\(\?|\[/.test(node.head.text)) {
      const spans = node.templateSpans.map(({ literal }) => INSERTED + literal.text)
      found.push({ source: node.head.text + spans.join(''), flags: 'u', file })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
)
const patterns = [
  ...new Map(files.flatMap(patternsOf).map((each) => [`/${each.source}/${each.flags}`, each])).values(),
]

it('the expressions of the product are found, those that are put together at run time among them', () => {
  expect(patterns.length).toBeGreaterThan(150)
  for (const part of ['customer|client|key', 'users|events', '@'])
    expect(patterns.some(({ source }) => source.includes(part))).toBe(true)
  // A pattern that is gone or mended leaves the list.
  for (const source of Object.keys(BOUNDED)) expect(patterns.map((each) => each.source)).toContain(source)
})

it('the judge knows a bad one', () => {
  expect(checkSync('^(a+)+$', '').status).toBe('vulnerable')
})

it(
  'no expression takes more than linear time on any text, or its texts are short',
  { timeout: 300_000 },
  () => {
    const slow = patterns.flatMap(({ source, flags, file }) => {
      if (Object.hasOwn(BOUNDED, source) || source.startsWith(GUESSED)) return []
      const { status } = checkSync(source, flags.replace('v', 'u'), { timeout: 20_000 })
      return status === 'safe' ? [] : [`${file}: ${source} is ${status}`]
    })
    expect(slow).toEqual([])
    note({
      proof: 'walls',
      what: 'regular expressions judged',
      value: patterns.length,
      bound: `linear, or bounded input (${Object.keys(BOUNDED).length})`,
    })
  },
)
