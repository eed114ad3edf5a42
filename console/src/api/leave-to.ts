/**
 * Loads the console anew at one of its pages, so that nothing stays of another session or workspace.
 * @param next a path as the router has it, from the start page on; anything that leads out of the console is the start page,
 *   because an address in a link must not lead people elsewhere
 */
export function leaveTo(next: string | undefined): void {
  const base = new URL(import.meta.env.BASE_URL, window.location.origin)
  const wanted = new URL(`.${next ?? '/'}`, base)
  const isOwn = wanted.origin === base.origin && wanted.pathname.startsWith(base.pathname)
  window.location.assign(isOwn ? wanted.href : base.href)
}
