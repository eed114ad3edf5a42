import { curl } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const pyze: Recipe = {
  dialect: 'pyze',
  text: 'The API key goes into the Authorization header, the app key into the body.',
  keys: [
    { name: 'app', label: 'App key', scope: 'pyze', permissions: ['app'] },
    { name: 'key', label: 'API key', scope: 'pyze' },
  ],
  commands: ({ origin, secrets }) => [
    curl(`${origin}/v1/events`, [`Authorization: Bearer ${secrets['key']}`], {
      type: 'event',
      event: 'Seen',
      userId: 'u-1',
      eventTime: '2026-01-31T10:15:30Z',
      appKey: secrets['app'],
    }),
  ],
}
