import type { Condition } from '../../model/segment.ts'

/** Whether a profile has an e-mail, as lists of profiles see it. */
const HAS_EMAIL: Condition = {
  type: 'and',
  conditions: [
    { type: 'attribute', name: 'email', operator: 'exists' },
    { type: 'attribute', name: 'email', operator: 'notEquals', value: '' },
  ],
}

/** A definition narrowed to profiles with an e-mail, or to those without one; undefined leaves it as it is. */
export function onlyWith(definition: Condition, hasEmail: boolean | undefined): Condition {
  if (hasEmail === undefined) return definition
  const also: Condition = hasEmail ? HAS_EMAIL : { type: 'not', condition: HAS_EMAIL }
  return { type: 'and', conditions: [definition, also] }
}
