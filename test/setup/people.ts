import type { Json } from '../../src/lib/json.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { rowsOf } from './database.ts'
import type { TestDatabase } from './database.ts'

/** One living profile without its id, so that two histories can be compared. */
export interface Person {
  /** `kind:value`, with a star when it is the primary one of its kind; sorted. */
  identifiers: string[]
  attributes: Record<string, Json>
  /** Names of the events on the timeline, merged ones included; sorted. */
  events: string[]
  /** `channel:state` per profile id that holds one, merged ones included; sorted. */
  consents: string[]
}

const PEOPLE = `
  with family as (
    select profile_id as living, profile_id as member from profile where workspace_id = $1
    union all select to_id, from_id from profile_merge where workspace_id = $1
  )
  select p.attributes,
         array(select i.kind || ':' || i.value || case when i.is_primary then '*' else '' end from identifier i
                where i.workspace_id = $1 and i.profile_id = p.profile_id order by 1) as identifiers,
         array(select e.name from event e join family f on f.member = e.profile_id
                where e.workspace_id = $1 and f.living = p.profile_id order by 1) as events,
         array(select c.channel || ':' || c.state from consent c join family f on f.member = c.profile_id
                where c.workspace_id = $1 and f.living = p.profile_id order by 1) as consents
    from profile p where p.workspace_id = $1`

/** Everyone in a workspace, in an order that depends on nothing but what is known of them. */
export async function readPeople(
  database: Pick<TestDatabase, 'admin'>,
  workspace: Workspace,
): Promise<Person[]> {
  const people = await rowsOf<Person>(database, PEOPLE, [workspace.id])
  return people.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ identifiers, events, attributes }: Person): string {
  return JSON.stringify([identifiers, events, Object.entries(attributes).toSorted()])
}
