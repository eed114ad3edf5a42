import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ENVIRONMENT } from '../../src/config/environment.ts'
import { readConfig } from '../../src/config.ts'
import {
  RULES,
  UNRUN_COMMANDS,
  blocksIn,
  blocksOf,
  fencedBlocks,
  linesOf,
  listDocuments,
  variablesOf,
} from '../setup/fenced-blocks.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const ADDRESS = `http://${ENVIRONMENT.HOST.default}:${ENVIRONMENT.PORT.default}`

test('every document is looked at', () => {
  expect(listDocuments()).toEqual(
    expect.arrayContaining(['README.md', 'docs/operations.md', 'src/dialects/native/README.md']),
  )
  expect(fencedBlocks().length).toBeGreaterThan(10)
})

test('exactly one rule is for each example of the documents, so that none is skipped silently', () => {
  const rulesOf = fencedBlocks().map((block) => ({
    place: block.place,
    rules: Object.entries(RULES).flatMap(([name, fits]) => (fits(block) ? [name] : [])),
  }))
  expect(rulesOf.filter(({ rules }) => rules.length !== 1)).toEqual([])
})

test('an example that no rule is for would be noticed', () => {
  for (const text of [
    '```sh\nrm -rf /tmp/x\n```',
    '```http\nGET / HTTP/1.1\n```',
    '- ~~~json\n  {"colour":1}\n  ~~~',
  ]) {
    const blocks = blocksIn('x.md', text.replace(/^- /, '  '))
    expect(blocks).toHaveLength(1)
    expect(Object.values(RULES).some((fits) => fits(blocks[0]!))).toBe(false)
  }
  expect(() => blocksIn('x.md', '```sh\nnpm start\n')).toThrow('x.md:1')
})

test('every command that is not run is still in a document, and what stands in its place holds', () => {
  const lines = blocksOf('unrun').flatMap(linesOf)
  for (const { command } of UNRUN_COMMANDS) expect(lines.some((line) => command.test(line))).toBe(true)
  for (const [, name = ''] of lines.flatMap((line) => [...line.matchAll(/^npm (\w+)/g)]))
    expect(Object.keys(scripts)).toContain(name)
  const addresses = fencedBlocks(['README.md']).flatMap(({ text }) => text.match(/http:\/\/[\w.:]+/g) ?? [])
  expect(new Set(addresses)).toEqual(new Set([ADDRESS]))
})

test.each(blocksOf('configuration'))('the configuration at $place is accepted', async (block) => {
  const surroundings = { env: variablesOf(block), readFile: async () => block.text }
  const { declaration } = await readConfig({ config: '/etc/tributary.json' }, surroundings)
  expect(declaration?.workspaces.length).toBeGreaterThan(0)
})

/** Commands and options in the sentences of the documents, between backquotes. */
const spans = listDocuments().flatMap((document) =>
  [...read(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ document, text })),
)

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

const cli = readdirSync(new URL('../../src/cli/', import.meta.url), { recursive: true, encoding: 'utf8' })

const commandLine = ['src/main.ts', ...cli.map((path) => `src/cli/${path}`)]
  .filter((path) => path.endsWith('.ts'))
  .map(read)
  .join('\n')

/** What must exist for a span to be true; undefined when it names no command. */
const SPAN_CHECKS: readonly [RegExp, (name: string) => boolean][] = [
  // npm's own commands need no script.
  [/^npm (?:run )?(?!ci\b|install\b)([\w-]+)/, (name) => name in scripts],
  [
    /^node_modules\/\.bin\/([\w-]+)/,
    (name) => existsSync(new URL(`../../node_modules/.bin/${name}`, import.meta.url)),
  ],
  [/^node ((?:scripts|bench)\/\S+)/, (name) => existsSync(new URL(`../../${name}`, import.meta.url))],
  [/^(?:tributary|node dist\/main\.js) (\w[\w-]*)/, (name) => commandLine.includes(`.command('${name}`)],
]

test('every script, tool and command that the text names exists', () => {
  const named = spans.flatMap(({ document, text }) =>
    SPAN_CHECKS.flatMap(([pattern, exists]) => {
      const name = pattern.exec(text)?.[1]
      return name === undefined ? [] : [{ document, text, holds: exists(name) }]
    }),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ holds }) => !holds)).toEqual([])
})

test('every option that the documents for operators name is one of the command line', () => {
  const operators = spans.filter(({ document }) => ['README.md', 'docs/operations.md'].includes(document))
  // Node's own, which package.json gives it.
  const ofNode = new Set(scripts['start']?.split(' ').map((part) => part.split('=')[0] ?? ''))
  const options = operators
    .flatMap(({ text }) => /^--[a-z][\w-]*/.exec(text) ?? [])
    .filter((option) => !ofNode.has(option))
  expect(options.length).toBeGreaterThan(3)
  expect(options.filter((option) => !new RegExp(`'${option}[ ']`).test(commandLine))).toEqual([])
})
