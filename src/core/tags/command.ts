import type { Command, TagChange } from '../../model/command.ts'

/** A change of one tag of a living profile, as the write path takes it. */
export function tagCommand(profileId: number, tagChange: TagChange): Command {
  const { tagId } = tagChange
  return {
    identifiers: [],
    profileId,
    target: 'existing',
    tagChange,
    pointer: '',
    item: { tagId },
    notices: [],
  }
}
