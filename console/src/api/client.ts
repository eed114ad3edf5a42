import { createClient } from '@tributary/sdk'

/** Speaks to the server that the console came from; the session is a cookie that no script reads. */
export const client = createClient({ baseUrl: window.location.origin, credentials: 'same-origin' })
