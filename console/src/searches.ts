/** What the addresses of pages hold. Anything else in them is left out; so an address that was cut still opens its page. */

type Given = Record<string, unknown>

/** Numbers and words of an address come parsed. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  // JSON that somebody wrote into an address as it is, such as a definition.
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Those of the names that have a text. */
function texts<const Name extends string>(...names: Name[]) {
  return (given: Given): { [N in Name]?: string } => {
    const entries = names.flatMap((name) => {
      const value = text(given[name])
      return value === undefined ? [] : [[name, value] as const]
    })
    return Object.fromEntries(entries) as { [N in Name]?: string }
  }
}

/** No words at all. */
const nothing = texts()

/** By the names of PATHS. */
export const SEARCHES = {
  signIn: texts('next'),
  overview: texts('range'),
  connect: texts('dialect'),
  live: texts('dialect', 'name', 'outcome'),
  rejections: texts('dialect', 'reason', 'rejection'),
  profiles: texts('search', 'city', 'company', 'hasEmail', 'isCompany', 'sort', 'order'),
  profile: texts('tab', 'merged'),
  segments: texts('search'),
  segmentDraft: texts('definition', 'name'),
  segment: texts('tab'),
  segmentEdit: texts('definition'),
  computed: texts('kind', 'edit'),
  imports: nothing,
  importDraft: nothing,
  import: nothing,
  exports: nothing,
  exportDraft: texts('segment', 'kind'),
  erasures: texts('erasure'),
  account: nothing,
  users: nothing,
  roles: nothing,
  keys: nothing,
  policies: texts('section'),
  messages: texts('template'),
  outbox: texts('state', 'template', 'recipient', 'message'),
  audit: texts('action', 'actor', 'act'),
  workspace: nothing,
} as const
