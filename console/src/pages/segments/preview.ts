import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDebouncedValue } from '@mantine/hooks'
import { previewSegment } from '@tributary/sdk'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { isPart, listOf } from '../../definitions/part.ts'

/** Whether a definition is a group without anything in it, as every draft begins. */
export function isEmptyGroup(definition: unknown): boolean {
  return isPart(definition) && 'conditions' in definition && listOf(definition['conditions']).length === 0
}

/** Who would belong to a segment of this definition, a moment after it was changed last. */
export function usePreview(definition: unknown) {
  const [text] = useDebouncedValue(JSON.stringify(definition), 400)
  return useQuery({
    queryKey: ['segments', 'preview', text],
    queryFn: ({ signal }) =>
      answerOf(previewSegment({ client, signal, body: { definition: JSON.parse(text ?? '') as unknown } })),
    enabled: text !== undefined && !isEmptyGroup(definition),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}
