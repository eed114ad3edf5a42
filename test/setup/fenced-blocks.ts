import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CONFIG_SCHEMA } from '../../src/config/schema.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A block of code in a document. */
export interface FencedBlock {
  /** Where it begins: `README.md:24`. */
  place: string
  document: string
  language: string
  text: string
}

/** Folders that hold no document of ours. */
const FOREIGN = /^(node_modules|dist|coverage|\..*)$/

/** Every document of the repository, as paths from the root. */
export function listDocuments(): string[] {
  const entries = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !FOREIGN.test(name))
  return entries
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((path) =>
            join(entry.name, path),
          )
        : [entry.name],
    )
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .sort()
}

/** Every block between fences in these documents. */
export function fencedBlocks(documents: readonly string[] = listDocuments()): FencedBlock[] {
  return documents.flatMap((document) => blocksIn(document, readFileSync(join(root, document), 'utf8')))
}

/** The blocks of a text. @throws a fence that nothing closes: what follows it would be skipped */
export function blocksIn(document: string, text: string): FencedBlock[] {
  const blocks: FencedBlock[] = []
  let open: { block: FencedBlock; fence: string; indent: number } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', language = ''] = /^( *)(`{3,}|~{3,}) *(.*)$/.exec(line) ?? []
    if (open && fence.startsWith(open.fence) && language === '') {
      blocks.push(open.block)
      open = undefined
    } else if (open) open.block.text += `${line.slice(open.indent)}\n`
    else if (fence !== '') {
      const block = { place: `${document}:${index + 1}`, document, language, text: '' }
      open = { block, fence, indent: indent.length }
    }
  }
  if (open) throw new Error(`${open.block.place}: nothing closes this block`)
  return blocks
}

/** A command that no test runs: why, and what is checked instead. */
export interface UnrunCommand {
  command: RegExp
  reason: string
  check: string
}

/** Every command of a document that is not run. */
export const UNRUN_COMMANDS: readonly UnrunCommand[] = [
  {
    command: /^npm (start|test)$/,
    reason: 'one builds and serves for ever, the other runs this very test; .ci/run runs it on a fresh clone',
    check: 'package.json has the script, and what the comment says of the address is the default',
  },
]

/** What is done with a block. One of them must fit each block: nothing is skipped silently. */
export const RULES: Readonly<Record<string, (block: FencedBlock) => boolean>> = {
  /** A step of a guide; all of them are run, in their order, against one server with the configuration among them. */
  walk: ({ language }) => /^(sh|json) walk$/.test(language),
  /** A drawing; `text` says that it is one. */
  illustration: ({ language }) => language === 'text',
  /** Names that the reader's shell must know, with dots for what the first start prints. */
  placeholders: (block) =>
    block.language === 'sh' && linesOf(block).every((line) => line.startsWith('export ')),
  /** A call of the server; it is run. */
  request: ({ language, text }) => language === 'sh' && text.startsWith('curl '),
  /** A whole configuration file; a server is started with it. */
  configuration: ({ language, text }) => language === 'json' && isConfiguration(JSON.parse(text)),
  /** A definition of a segment; it is read as a caller's is. */
  segment: ({ language }) => language === 'json segment',
  /** People whom a test stores before it asks about them. */
  people: ({ language }) => language === 'json people',
  /** Definitions of computed values; likewise. */
  aggregate: ({ language }) => language === 'json aggregate',
  expression: ({ language }) => language === 'json expression',
  /** Commands of the product; they are run, in the order of the document, in a folder with its files. */
  command: (block) =>
    block.language === 'sh' && linesOf(block).every((line) => line.startsWith('node dist/main.js ')),
  /** A program for the sdk; it is run against a server. */
  program: ({ language }) => language === 'ts',
  /** A file that commands of the same document read; its name stands behind the language. */
  file: ({ language }) => /^csv [\w.-]+$/.test(language),
  /** How a database is made; it is made so. */
  database: ({ language }) => language === 'sql',
  unrun: (block) =>
    block.language === 'sh' &&
    linesOf(block).every((line) => UNRUN_COMMANDS.some(({ command }) => command.test(line))),
}

/** The lines of a shell block without comments. */
export function linesOf({ text }: FencedBlock): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** The blocks that a rule is for. */
export function blocksOf(rule: keyof typeof RULES, documents?: readonly string[]): FencedBlock[] {
  return fencedBlocks(documents).filter((block) => RULES[rule]?.(block))
}

/** The steps of a guide that are of a language, in their order. */
export function walkOf(document: string, language: 'sh' | 'json'): FencedBlock[] {
  return blocksOf('walk', [document]).filter((block) => block.language === `${language} walk`)
}

function isConfiguration(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  return Object.keys(value).every((key) => key in CONFIG_SCHEMA.properties)
}

/** Values for the variables that a configuration refers to. */
export function variablesOf({ text }: FencedBlock): Record<string, string> {
  const names = [...text.matchAll(/"env:(\w+)"/g)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
}
