import { curl } from '../recipe.ts'
import type { Recipe } from '../recipe.ts'

export const synerise: Recipe = {
  dialect: 'synerise',
  text: 'A workspace key, sent as Basic with the guid of the workspace, or exchanged for a token.',
  keys: [{ name: 'key', label: 'Workspace API key', scope: 'workspace' }],
  commands: ({ origin, workspaceGuid, secrets }) => {
    const basic = btoa(`${workspaceGuid}:${secrets['key']}`)
    return [
      curl(`${origin}/v4/events/custom`, [`Authorization: Basic ${basic}`, 'Api-Version: 4.4'], {
        label: 'Seen',
        action: 'page.seen',
        client: { customId: 'u-1' },
        params: { page: 'home' },
      }),
    ]
  },
}
