import type { Population } from '../../model/population.ts'
import { compileSegment } from './compile.ts'
import type { SegmentQuery } from './compile.ts'

/**
 * The statement that selects the `profile_id` of everybody in a population, each once, in no order. Its first parameter is the
 * workspace. Of a kept one it may also give profiles that are gone: whoever runs it joins the living. Index segment_member_list.
 */
export function compilePopulation(workspaceId: number, population: Population): SegmentQuery {
  if (population.source === 'computed') {
    const { definition, timezone, now } = population
    return compileSegment(definition, { workspaceId, timezone, now })
  }
  const { segmentId, generation } = population
  return {
    text: `select m.profile_id from segment_member m
     where m.workspace_id = $1::integer and m.segment_id = $2::uuid and m.generation = $3::integer`,
    values: [workspaceId, segmentId, generation],
  }
}
