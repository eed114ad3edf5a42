import { Autocomplete } from '@mantine/core'
import { listTags } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { useIsWrong } from '../../definitions/complaints.ts'

const TAGS_MAX = '500'

/** The name of a tag, with those that there are as suggestions. */
export function TagInput({
  value,
  at,
  onChange,
}: {
  value: string
  at: string
  onChange: (name: string) => void
}) {
  const may = useMay()
  const { data } = useQuery({
    queryKey: ['tags', 'names'],
    queryFn: ({ signal }) => answerOf(listTags({ client, signal, query: { limit: TAGS_MAX } })),
    enabled: may('tags:read'),
    staleTime: 60_000,
  })
  return (
    <Autocomplete
      label="Tag"
      data={[...new Set(data?.items.map(({ name }) => name))]}
      value={value}
      error={useIsWrong(at)}
      onChange={onChange}
      maw={320}
    />
  )
}
