/** The page at which somebody accepts an invitation, as the mail has it. */
export function invitationLink(origin: string, token: string): string {
  const link = new URL('/account/user-invitation', origin)
  link.searchParams.set('token', token)
  return link.href
}
