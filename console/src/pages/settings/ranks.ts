/** What a user is in the installation, in words. */
export const RANKS: Readonly<Record<string, string>> = {
  owner: 'Owner: may do everything, everywhere',
  admin: 'Admin: may do everything in the workspaces of theirs',
  member: 'Member: may do what the role in a workspace says',
}

/** One of the keys of {@link RANKS}. */
export type Rank = 'owner' | 'admin' | 'member'
