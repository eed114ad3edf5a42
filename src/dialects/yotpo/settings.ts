import { rateLimit, text } from '../../model/schema-parts.ts'

/** Requests a second that the vendor takes of one store. @source reference 2.3 */
export const REQUESTS_PER_SECOND = 5

/** What a workspace may say about the Yotpo API, beside its credentials. */
export const settings = {
  storeId: text('credential', 'The store id in the paths of the Yotpo API.'),
  requestsPerSecond: rateLimit(REQUESTS_PER_SECOND, 'Requests a second.'),
}
