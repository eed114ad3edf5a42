import { Type } from 'typebox'

/** What a workspace may say about the Pyze API, beside its credentials. */
export const settings = {
  // No default: the configuration file tells by its API keys, and elsewhere nothing said means the safer of the two.
  requiresApiKey: Type.Optional(
    Type.Boolean({
      description:
        'Whether an app key alone opens nothing. Left out: in the file, when it has API keys; elsewhere, yes.',
    }),
  ),
}
