/**
 * The vendor's rate limits: what the configuration's settings default to, and what holds where none is set.
 * @source vendor page, "Rate Limiting" (bulk); reference 4.1, SRC[37] (single)
 */
export const DEFAULT_LIMITS = { requestsPerMinute: 500, singleRequestsPerMinute: 5_000 } as const
