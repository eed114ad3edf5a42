import { curl, settingOf } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const yotpo: Recipe = {
  dialect: 'yotpo',
  text: 'The secret buys a token for the store; the token goes into a header of its own.',
  setting: { block: 'yotpo', name: 'storeId', label: 'Store id', example: 'STORE1' },
  keys: [{ name: 'secret', label: 'Secret', scope: 'yotpo' }],
  commands: ({ origin, settings, secrets }) => {
    const store = `${origin}/core/v3/stores/${settingOf(yotpo, settings)}`
    const token = curl(`${store}/access_tokens`, [], { secret: secrets['secret'] })
    return [
      `TOKEN=$(${token.replace("curl '", "curl -s '")} \\\n  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
      curl(`${store}/customer_events`, ['X-Yotpo-Token: $TOKEN'], {
        event_id: 'e-1',
        action_name: 'Seen',
        occurred_at: '2026-01-31T10:00:00Z',
        customer: { external_id: 'u-1' },
      }).replace("'X-Yotpo-Token: $TOKEN'", '"X-Yotpo-Token: $TOKEN"'),
    ]
  },
}
