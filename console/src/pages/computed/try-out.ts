import { useDebouncedValue } from '@mantine/hooks'
import { listProfiles } from '@tributary/sdk'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { COMPUTED } from './computed-api.ts'

/** What a definition comes to for somebody: the newest profile, until another one is chosen. */
export function useTryOut(kind: ComputedKind, definition: unknown) {
  const may = useMay()
  const [chosen, setChosen] = useState<number>()
  const { data: newest } = useQuery({
    queryKey: ['profiles', 'newest'],
    queryFn: ({ signal }) => answerOf(listProfiles({ client, signal, query: { limit: '1' } })),
    enabled: may('profiles:read'),
    staleTime: 60_000,
  })
  const profileId = chosen ?? newest?.items[0]?.id
  const [text] = useDebouncedValue(JSON.stringify(definition), 400)
  const query = useQuery({
    queryKey: ['computed', 'preview', kind, text, profileId],
    queryFn: ({ signal }) =>
      COMPUTED[kind].preview(
        { definition: JSON.parse(text ?? '') as unknown, profileId: profileId ?? 0 },
        signal,
      ),
    enabled: text !== undefined && profileId !== undefined && may('computed:read'),
    placeholderData: keepPreviousData,
  })
  return { profileId, setProfileId: setChosen, query }
}
