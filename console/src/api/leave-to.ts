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

/**
 * Loads the sign-in, from which one comes back to `next`: a path as the router has it, or where one is.
 * @returns never: the page goes
 */
export function leaveForSignIn(next = pathHere()): Promise<never> {
  window.location.assign(`${import.meta.env.BASE_URL}sign-in?${new URLSearchParams({ next }).toString()}`)
  return new Promise(() => undefined)
}

function pathHere(): string {
  const { pathname, search } = window.location
  return `${pathname.slice(import.meta.env.BASE_URL.length - 1)}${search}`
}

/** Whether this is the sign-in, or on the way to it. */
export function isAtSignIn(): boolean {
  return ['/sign-in', '/signed-in'].some((path) => pathHere().startsWith(path))
}
