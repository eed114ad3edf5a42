const COUNT = new Intl.NumberFormat()
const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `12,345` */
export function countText(count: number): string {
  return COUNT.format(count)
}

/** `12.3K` */
export function shortCount(count: number): string {
  return SHORT.format(count)
}

/** `1.5 MiB` */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1_024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTES[power]}`
}

/** `1 profile`, `2 profiles` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}
