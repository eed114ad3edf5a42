import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { createKey } from '@tributary/sdk'
import type { CreateKeyData, Workspace } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { settingOf } from './recipe.ts'
import type { Recipe } from './recipe.ts'
import { SettingForm } from './setting-form.tsx'

/** The steps of one API: what must be set, the keys, the first call. */
export function Connection({ recipe, workspace }: { recipe: Recipe; workspace: Workspace }) {
  const { setting, keys } = recipe
  const value = settingOf(recipe, workspace.settings)
  const make = useKeys(recipe)
  if (setting && value === undefined) return <SettingForm setting={setting} workspace={workspace} />
  return (
    <>
      <Step title="Where">
        <CopyText text={window.location.origin} label="the address" />
        {setting && (
          <Group gap="xs">
            <Text size="sm">{setting.label}:</Text>
            <CopyText text={value ?? ''} label={setting.label.toLowerCase()} />
          </Group>
        )}
      </Step>
      <Step title="Credentials">
        {make.error && <ProblemAlert error={make.error} />}
        {make.data ? (
          <SecretList recipe={recipe} secrets={make.data} />
        ) : (
          <Stack gap="xs" align="flex-start">
            <Text size="sm">
              {keys.map(({ label }) => label).join(' and ')}: shown once, when it is made. Those that there
              are stand under API keys.
            </Text>
            <Button loading={make.isPending} onClick={() => make.mutate()}>
              Make credentials
            </Button>
          </Stack>
        )}
      </Step>
      {make.data && <FirstCall recipe={recipe} workspace={workspace} secrets={make.data} />}
      <Anchor href="/docs" size="sm">
        All operations, in the API documentation
      </Anchor>
    </>
  )
}

type Secrets = Readonly<Record<string, string>>

function FirstCall(props: { recipe: Recipe; workspace: Workspace; secrets: Secrets }) {
  const { recipe, workspace, secrets } = props
  const { origin } = window.location
  const { guid: workspaceGuid, settings } = workspace
  return (
    <Step title="A first call">
      {recipe.commands({ origin, workspaceGuid, settings, secrets }).map((command) => (
        <CopyText key={command} text={command} label="the command" block />
      ))}
    </Step>
  )
}

function Step({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Text component="h2" m={0} fw={600}>
        {title}
      </Text>
      {children}
    </Stack>
  )
}

function SecretList({ recipe, secrets }: { recipe: Recipe; secrets: Secrets }) {
  return (
    <Alert color="yellow" title="Copy this now: it is not shown again">
      <Stack gap="xs">
        {recipe.keys.map(({ name, label }) => (
          <Group key={name} gap="xs">
            <Text size="sm">{label}:</Text>
            <CopyText text={secrets[name] ?? ''} label={label} />
          </Group>
        ))}
      </Stack>
    </Alert>
  )
}

/** Makes every key of a recipe. @returns their secrets by name */
function useKeys({ keys }: Recipe) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const secrets: Record<string, string> = {}
      for (const { name, scope, permissions } of keys) {
        const body = { scope, ...(permissions && { permissions: [...permissions] }) } as CreateKeyData['body']
        secrets[name] = (await answerOf(createKey({ client, body }))).secret
      }
      return secrets
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['keys'] }),
  })
}
