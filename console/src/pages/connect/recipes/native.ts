import { curl } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const native: Recipe = {
  dialect: 'native',
  text: 'Our own API. The key goes into the Authorization header; @tributary/sdk has a client for servers.',
  keys: [
    {
      name: 'key',
      label: 'API key',
      scope: 'native',
      permissions: ['events:write', 'profiles:write', 'profiles:read'],
    },
  ],
  commands: ({ origin, secrets }) => [
    curl(`${origin}/api/v1/events`, [`Authorization: Bearer ${secrets['key']}`], {
      items: [
        { identifiers: [{ kind: 'userId', value: 'u-1' }], name: 'Seen', properties: { page: 'home' } },
      ],
    }),
  ],
}
