import { Group, Pill, Select, Stack, Text } from '@mantine/core'
import { assignTag, listTags, unassignTag } from '@tributary/sdk'
import type { Profile, Tag } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { notifyProblem } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { profileKey } from './profile-query.ts'

/** Tags of a profile: put on and taken off in place. */
export function Tags({ profile }: { profile: Profile }) {
  const may = useMay()
  const { all, put, take } = useTags(profile.id)
  const isAllowed = may('tags:assign')
  const others = all.filter(({ name }) => !profile.tags.includes(name))
  return (
    <Stack gap="xs">
      <Group gap={6}>
        {profile.tags.length === 0 && <Text size="sm">None.</Text>}
        {profile.tags.map((tag) => {
          const known = all.find(({ name }) => name === tag)
          return (
            <Pill
              key={tag}
              withRemoveButton={isAllowed && known !== undefined}
              onRemove={() => known && take.mutate(known.id)}
              removeButtonProps={{ 'aria-label': `Take ${tag} off`, 'aria-hidden': false, tabIndex: 0 }}
            >
              {tag}
            </Pill>
          )
        })}
      </Group>
      {isAllowed && others.length > 0 && (
        <Select
          aria-label="Put a tag on"
          placeholder="Put a tag on"
          size="xs"
          searchable
          value={null}
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(tagId) => tagId !== null && put.mutate(tagId)}
        />
      )}
    </Stack>
  )
}

const LIMIT = '500'

/** All of them: one that is not offered could not be put on. */
async function readTags(signal: AbortSignal, cursor?: string): Promise<Pick<Tag, 'id' | 'name'>[]> {
  const { items, nextCursor } = await answerOf(listTags({ client, signal, query: { limit: LIMIT, cursor } }))
  return nextCursor === null ? items : [...items, ...(await readTags(signal, nextCursor))]
}

function useTags(id: number) {
  const may = useMay()
  const profileId = String(id)
  const queryClient = useQueryClient()
  const { data } = useQuery({
    queryKey: ['tags'],
    queryFn: ({ signal }) => readTags(signal),
    enabled: may('tags:read'),
  })
  const handlers = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: profileKey(profileId) }),
    onError: (error: Error) => notifyProblem(error),
  }
  const put = useMutation({
    mutationFn: (tagId: string) => answerOf(assignTag({ client, path: { profileId, tagId } })),
    ...handlers,
  })
  const take = useMutation({
    mutationFn: (tagId: string) => answerOf(unassignTag({ client, path: { profileId, tagId } })),
    ...handlers,
  })
  return { all: data ?? [], put, take }
}
