import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Documents of the product, as paths from the root. */
const documents = [
  ...readdirSync(root),
  ...listBelow('docs'),
  ...['src', 'sdk'].flatMap(listBelow).filter((path) => path.endsWith('README.md')),
].filter((path) => path.endsWith('.md'))

const sources = ['src', 'console/src', 'sdk/src']
  .flatMap(listBelow)
  .filter((path) => /\.(tsx?|js)$/.test(path))
  .map((path) => read(path))
  .join('\n')

function listBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(folder, path),
  )
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Without blocks of code, in which brackets and hashes mean something else. */
function proseOf(path: string): string {
  return read(path).replaceAll(/^```.*?^```$/gms, '')
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(path: string): Set<string> {
  const headings = [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** What is wrong with a relative link; undefined when it leads somewhere. */
function complaintAbout(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : relative(root, join(root, dirname(document), path))
  if (!existsSync(join(root, target))) return `${document}: ${link} leads nowhere`
  const isAnchored = anchor === undefined || anchorsOf(target).has(anchor)
  return isAnchored ? undefined : `${document}: ${link} has no such heading`
}

test('there are the documents that people look for', () => {
  const wanted = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'docs/glossary.md',
  ]
  expect(documents).toEqual(expect.arrayContaining(wanted))
})

test.each(documents)('every relative link of %s leads somewhere', (document) => {
  const links = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const relativeLinks = links.filter((link) => !/^[a-z]+:/.test(link))
  expect(relativeLinks.flatMap((link) => complaintAbout(document, link) ?? [])).toEqual([])
})

/** The code spans of the documents that name code. */
const spans = documents
  .filter((path) => /^(ARCHITECTURE|CONTRIBUTING|SECURITY|README)\.md$|^docs\/decisions\//.test(path))
  .flatMap((document) =>
    [...proseOf(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ document, text })),
  )

test('every file that the documents name by its path exists', () => {
  const paths = spans.filter(({ text }) => /^(src|test|scripts|bench|docs)\/[\w./-]*$/.test(text))
  expect(paths.length).toBeGreaterThan(20)
  const planned = new Set(['src/jobs/tasks/'])
  const missing = paths.filter(({ text }) => !planned.has(text) && !existsSync(join(root, text)))
  expect(missing).toEqual([])
})

test('every function, class and constant that the documents name is in the sources', () => {
  const names = spans.filter(({ text }) =>
    /^([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[A-Z]+_[A-Z_]+)(\.\w+)?$/.test(text),
  )
  expect(names.length).toBeGreaterThan(20)
  const unknown = names.filter(({ text }) =>
    text.split('.').some((part) => !new RegExp(`\\b${part}\\b`).test(sources + listedElsewhere)),
  )
  expect(unknown).toEqual([])
})

/** Names that stand in scripts, tests and settings instead of the sources. */
const listedElsewhere = [
  ...['scripts/setup.mjs', 'scripts/installed-packages.mjs', 'test/system/server-harness.ts'].map(read),
  // Reserved for later or of somebody else: PostgreSQL, npm.
  'DATABASE_URL',
].join('\n')

test('the index of the decisions lists each record once', () => {
  const records = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name))
  const listed = [...read('docs/decisions/README.md').matchAll(/\]\((\d{4}-[^)]+)\)/g)].map(
    ([, name]) => name,
  )
  expect(listed).toEqual(records.sort())
})

test('every file with a guess about a vendor has its line in the README of the dialect', () => {
  const dialects = readdirSync(join(root, 'src/dialects'), { withFileTypes: true })
  const guesses = dialects
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => listBelow(`src/dialects/${name}`).map((path) => ({ name, path })))
    .filter(({ path }) => path.endsWith('.ts') && read(path).includes('@assumed'))
  expect(guesses.length).toBeGreaterThan(0)
  const unsaid = guesses.filter(({ name, path }) => {
    const folder = `src/dialects/${name}`
    const rows = read(`${folder}/README.md`).split('\n')
    return !rows.some((row) => row.startsWith(`| \`${relative(folder, path)}\``))
  })
  expect(unsaid).toEqual([])
})
