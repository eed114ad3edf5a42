/**
 * Asks the server to save only over what was opened, so that nobody undoes unseen what somebody else saved in between. Holds for
 * answers that have their `ETag` as a version.
 */
export function asOpened({ version }: { version: number }): { headers: { 'If-Match': string } } {
  return { headers: { 'If-Match': `"${version}"` } }
}
