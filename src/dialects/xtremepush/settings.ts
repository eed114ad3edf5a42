import { Type } from 'typebox'

/** What a workspace may say about the Xtremepush API, beside its credentials. */
export const settings = {
  // @assumed the vendor defines attributes before they are used; nobody can define one here but by using it
  autoCreateAttributes: Type.Boolean({
    default: true,
    description:
      'Whether an import may bring columns that were never seen in this workspace; otherwise it answers 400 and names them.',
  }),
}
