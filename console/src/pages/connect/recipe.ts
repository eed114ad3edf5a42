/** What a line of the command line is made of. */
export interface Place {
  /** Where the server is, without a slash at the end. */
  origin: string
  workspaceGuid: string
  settings: Readonly<Record<string, unknown>>
  /** Secrets of the keys that were just made, by the names that the recipe gives them. */
  secrets: Readonly<Record<string, string>>
}

/** How one connects a client of an API: what must be set, which keys it needs, and a call that works. */
export interface Recipe {
  dialect: string
  /** What a client is given. */
  text: string
  /** A setting of the workspace that must be there first. */
  setting?: { block: string; name: string; label: string; example: string }
  keys: readonly { name: string; label: string; scope: string; permissions?: readonly string[] }[]
  /** Commands in their order; a later one may use what the shell keeps of an earlier one. */
  commands: (place: Place) => string[]
}

/** The value of the setting that a recipe needs, when it is there. */
export function settingOf({ setting }: Recipe, settings: Place['settings']): string | undefined {
  if (!setting) return undefined
  const block = settings[setting.block] as Readonly<Record<string, unknown>> | null | undefined
  const value = block?.[setting.name]
  return typeof value === 'string' ? value : undefined
}

/** A call of curl with a JSON body; each line ends as a shell wants it. */
export function curl(url: string, headers: readonly string[], body: object): string {
  const lines = [...headers, 'Content-Type: application/json'].map((header) => `  -H '${header}'`)
  return [`curl '${url}'`, ...lines, `  -d '${JSON.stringify(body)}'`].join(' \\\n')
}
