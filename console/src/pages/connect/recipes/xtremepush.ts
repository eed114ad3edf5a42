import { curl } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const xtremepush: Recipe = {
  dialect: 'xtremepush',
  text: 'The app token goes into the body of every call.',
  keys: [{ name: 'token', label: 'App token', scope: 'xtremepush' }],
  commands: ({ origin, secrets }) => [
    curl(`${origin}/api/external/hit/event`, [], {
      apptoken: secrets['token'],
      user_id: 'u-1',
      event: 'Seen',
    }),
  ],
}
