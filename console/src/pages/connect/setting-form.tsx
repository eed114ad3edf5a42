import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { patchWorkspace } from '@tributary/sdk'
import type { Workspace } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import type { Recipe } from './recipe.ts'

/** Asks for the setting without which an API does not know the workspace. */
export function SettingForm(props: { setting: NonNullable<Recipe['setting']>; workspace: Workspace }) {
  const { setting, workspace } = props
  const { guid } = workspace
  const queryClient = useQueryClient()
  const form = useForm({ initialValues: { value: '' } })
  const save = useMutation({
    mutationFn: ({ value }: { value: string }) => {
      const settings = { [setting.block]: { [setting.name]: value.trim() } }
      return answerOf(patchWorkspace({ client, path: { guid }, body: { settings } }))
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['workspace', guid] }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="sm">
        <TextInput
          label={setting.label}
          description={`By this the API knows which workspace is meant. Keep the one that your clients have, such as ${setting.example}.`}
          required
          {...form.getInputProps('value')}
        />
        {save.error && <ProblemAlert error={save.error} />}
        <Group>
          <Button type="submit" loading={save.isPending}>
            Set it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
