import type { LocalDraft } from '../../../core/segments/index.ts'
import { isStorableText } from '../../../lib/text.ts'
import { CdpError } from '../../../model/errors.ts'

/**
 * The segment that a body describes: a definition by itself, or one beside a name.
 * @assumed the body is the product's own definition (docs/segment.schema.json): that of the vendor's analytics is not public
 * @throws CDP_BODY_INVALID the name is none
 */
export function readSegmentation(
  body: Readonly<Record<string, unknown>>,
): Pick<LocalDraft, 'name' | 'definition' | 'pointer'> {
  const isWrapped = Object.hasOwn(body, 'definition') && !Object.hasOwn(body, 'type')
  if (!isWrapped) return { name: undefined, definition: body, pointer: '' }
  const { name, definition } = body
  return { name: nameOf(name), definition, pointer: '/definition' }
}

const NAME_LENGTH_MAX = 255

function nameOf(name: unknown): string | undefined {
  if (name === undefined || name === null) return undefined
  const isName = typeof name === 'string' && name !== '' && name.length <= NAME_LENGTH_MAX
  if (isName && isStorableText(name)) return name
  const detail = `name: must be a text of 1 to ${NAME_LENGTH_MAX} characters`
  throw new CdpError('CDP_BODY_INVALID', { pointer: '/name', detail })
}
