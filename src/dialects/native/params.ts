import type { FastifyRequest } from 'fastify'
import type { ChangeRequest } from '../../core/idempotency/index.ts'
import { onceOf } from '../../http/once.ts'
import { CdpError } from '../../model/errors.ts'
import { readProfileId } from './mapping.ts'

/** The profile id of a path. @throws CDP_PROFILE_NOT_FOUND it can be nobody's */
export function profileIdOf(request: FastifyRequest): number {
  const { profileId } = request.params as { profileId: string }
  return readProfileId(profileId)
}

/** The entity tag of a profile's version (RFC 9110): strong, because every change makes a new version. */
export function etagOf(version: number): string {
  return `"${version}"`
}

/**
 * The version that an `If-Match` header asks for; undefined where there is none or it takes any (`*`).
 * @throws CDP_PRECONDITION_FAILED it names something that no version can be
 */
export function ifMatchOf(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header === '*') return undefined
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (version === undefined) throw new CdpError('CDP_PRECONDITION_FAILED')
  return Number(version)
}

/** How a change was asked for, by its headers. @throws as {@link ifMatchOf} */
export function changeOf(request: FastifyRequest): ChangeRequest {
  return { once: onceOf(request), ifVersion: ifMatchOf(request) }
}

/** The entity tag of a version that is a text. */
export function tagOf(version: string): string {
  return `"${version}"`
}

/** The versions that an `If-Match` header names; undefined where there is none or it takes any (`*`). */
export function tagsOf(request: FastifyRequest): string[] | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  // A weak tag never matches (RFC 9110): it is no version here.
  return header.split(',').map((tag) => /^\s*"(\w+)"\s*$/.exec(tag)?.[1] ?? '')
}
