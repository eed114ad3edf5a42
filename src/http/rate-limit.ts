import type { FastifyReply } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { CdpError } from '../model/errors.ts'

/** One limit of a vendor: how many requests in how many seconds. 0 requests means no limit. */
export interface Limit {
  /** Names the limit in the RateLimit headers and keeps its count apart. */
  name: string
  requests: number
  windowSeconds: number
}

/** Counts requests in the memory of this process. */
export interface RateLimiter {
  /**
   * Counts one request of a workspace, or of an address, and tells the caller where it stands.
   * @throws CDP_RATE_LIMITED with the seconds to wait
   */
  count(who: number | string, limit: Limit, reply: FastifyReply): Promise<void>
}

/** Opens the counters. `processes` share a vendor's figure, so each takes its part. */
export function openRateLimiter(processes: number): RateLimiter {
  const limiters = new Map<string, RateLimiterMemory>()
  const limiterOf = ({ name, requests, windowSeconds }: Limit): RateLimiterMemory => {
    const points = Math.max(1, Math.floor(requests / processes))
    const key = `${name}|${points}|${windowSeconds}`
    const existing = limiters.get(key)
    if (existing) return existing
    const limiter = new RateLimiterMemory({ points, duration: windowSeconds, keyPrefix: key })
    limiters.set(key, limiter)
    return limiter
  }
  const count = async (who: number | string, limit: Limit, reply: FastifyReply): Promise<void> => {
    if (limit.requests === 0) return
    const limiter = limiterOf(limit)
    const outcome = await limiter.consume(String(who)).catch((error: unknown) => asOutcome(error))
    const resetSeconds = Math.max(1, Math.ceil(outcome.msBeforeNext / 1000))
    const remaining = Math.max(0, outcome.remainingPoints)
    reply.header('RateLimit-Policy', `"${limit.name}";q=${limiter.points};w=${limit.windowSeconds}`)
    reply.header('RateLimit', `"${limit.name}";r=${remaining};t=${resetSeconds}`)
    // The names of older drafts, which clients of vendors read.
    reply.header('RateLimit-Remaining', String(remaining))
    reply.header('RateLimit-Reset', String(resetSeconds))
    if (outcome.consumedPoints > limiter.points) {
      throw new CdpError('CDP_RATE_LIMITED', { retryAfterSeconds: resetSeconds })
    }
  }
  return { count }
}

/** The library rejects with its result when the limit is passed; anything else is a defect. */
function asOutcome(error: unknown): RateLimiterRes {
  if (error instanceof RateLimiterRes) return error
  throw error
}
