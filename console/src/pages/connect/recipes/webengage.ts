import { curl, settingOf } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const webengage: Recipe = {
  dialect: 'webengage',
  text: 'The license code stands in the address, the API key in the Authorization header.',
  setting: { block: 'webengage', name: 'licenseCode', label: 'License code', example: 'aa131650' },
  keys: [{ name: 'key', label: 'API key', scope: 'webengage' }],
  commands: ({ origin, settings, secrets }) => [
    curl(
      `${origin}/v1/accounts/${settingOf(webengage, settings)}/events`,
      [`Authorization: Bearer ${secrets['key']}`],
      {
        userId: 'u-1',
        eventName: 'Seen',
        eventTime: '2026-01-31T10:00:00-0800',
        eventData: { page: 'home' },
      },
    ),
  ],
}
