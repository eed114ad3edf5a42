import { rateLimit, text } from '../../model/schema-parts.ts'
import { DEFAULT_LIMITS } from './limits.ts'

/** What a workspace may say about the WebEngage API, beside its credentials. */
export const settings = {
  licenseCode: text('credential', 'The licence code in the paths of the WebEngage API.'),
  requestsPerMinute: rateLimit(DEFAULT_LIMITS.requestsPerMinute, 'Bulk requests a minute.'),
  singleRequestsPerMinute: rateLimit(
    DEFAULT_LIMITS.singleRequestsPerMinute,
    'Requests for a single user or event a minute.',
  ),
}
