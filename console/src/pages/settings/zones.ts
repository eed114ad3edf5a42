/** Time zones to choose. Browsers list those that have places, and UTC is none. */
export const ZONES: readonly string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
