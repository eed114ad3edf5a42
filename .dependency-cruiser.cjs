// The import rules of ARCHITECTURE.md: imports go down only. `scripts/boundaries.mjs` runs this and
// fails when it saw no module, because a cruiser that cannot parse TypeScript reports "0 violations".
// Every rule has a planted violation in scripts/boundaries.test.ts.
const layer = (name, mayImport) => ({
  name: `${name}-layer`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^(src|console|sdk)/', pathNot: [name, ...mayImport].map((p) => `^src/${p}/`) },
})
const never = (name, from, to) => ({ name, severity: 'error', from, to })

module.exports = {
  forbidden: [
    // Types of what is generated may refer to each other.
    never('no-cycles', { pathNot: '^sdk/src/generated/' }, { circular: true }),
    layer('lib', []),
    layer('model', ['lib']),
    layer('storage', ['model', 'lib']),
    layer('outbound', ['model', 'lib']),
    layer('core', ['outbound', 'storage', 'model', 'lib']),
    layer('jobs', ['core', 'model', 'lib']),
    layer('http', ['core', 'model', 'lib']),
    layer('dialects', ['http', 'core', 'model', 'lib']),
    never(
      'dialects-are-peers',
      { path: '^src/dialects/([^/]+)/' },
      { path: '^src/dialects/[^/]+/', pathNot: '^src/dialects/$1/' },
    ),
    // The door of a module is the index.ts directly in its folder, not that of a folder inside it.
    never(
      'core-front-door',
      { pathNot: '^(src/core/|test/)' },
      { path: '^src/core/[^/]+/', pathNot: '^src/core/[^/]+/index\\.ts$' },
    ),
    never(
      'core-modules-front-door',
      { path: '^src/core/([^/]+)' },
      { path: '^src/core/[^/]+/', pathNot: ['^src/core/$1/', '^src/core/[^/]+/index\\.ts$'] },
    ),
    never(
      'sql-only-in-storage',
      { path: '^src/', pathNot: '^src/storage/' },
      { path: '(^|/)node_modules/(@types/)?pg/' },
    ),
    never(
      'fastify-only-at-the-edge',
      { path: '^src/(core|storage|model|lib|jobs|outbound)/' },
      { path: '(^|/)node_modules/(fastify|@fastify/[^/]+)/' },
    ),
    never(
      'config-is-read-at-the-top',
      { path: '^src/(core|storage|model|lib|jobs|outbound|http|dialects)/' },
      {
        path: '^src/(config/|(config|app|app-services|app-loops|app-options|process-options|server|upkeep|worker|main)\\.ts$)',
      },
    ),
    never('console-and-sdk-speak-http', { path: '^(console|sdk)/' }, { path: '^src/' }),
    // dist holds neither; a test beside the code may use the database of test/setup.
    never(
      'product-never-imports-tests',
      { path: '^src/', pathNot: '\\.test\\.ts$' },
      { path: '^test/|\\.test\\.ts$' },
    ),
    never('product-never-imports-tools', { path: '^src/' }, { path: '^(bench|scripts)/' }),
    never('unresolvable', { path: '^src/' }, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: '(^|/)node_modules/|^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
