/** HTML that may be sent as it is: only {@link html} makes it. */
export class Html {
  readonly text: string

  /** @param text is sent as it is */
  constructor(text: string) {
    this.text = text
  }
}

/** What may stand between the parts of a template. */
type Part = string | Html | readonly Html[]

/** Makes HTML of a template; every text that is put into it is escaped, in attributes too, which must have quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
  const filled = parts.map((part, index) => part + textOf(values[index] ?? ''))
  return new Html(filled.join(''))
}

function textOf(part: Part): string {
  if (typeof part === 'string') return part.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return part instanceof Html ? part.text : part.map(({ text }) => text).join('')
}
