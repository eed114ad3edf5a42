import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'

/** What a link opens, until when, and the proof that we made it. */
export interface ExportLink {
  /** The guid of the workspace. */
  workspace: string
  exportId: number
  /** Seconds since the epoch. */
  expires: number
  signature: string
}

/** Long enough for a large file over a slow line, which may ask for a further link; short for what lies in a history. */
const LINK_MS = DAY_MS

/** The key of links: nothing else is signed with it. @param secretKey the installation's 32 bytes */
export function linkKey(secretKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', 'tributary export link', 32))
}

/** A link to a file that is there until `fileExpiresAt`. */
export function signLink(
  key: Buffer,
  { workspace, exportId }: Pick<ExportLink, 'workspace' | 'exportId'>,
  fileExpiresAt: Instant,
): ExportLink {
  const expires = Math.floor(Math.min(now() + LINK_MS, fileExpiresAt) / 1_000)
  const link = { workspace, exportId, expires }
  return { ...link, signature: signatureOf(key, link).toString('base64url') }
}

/** @throws CDP_LINK_INVALID it is not one of ours, or its time is over */
export function checkLink(key: Buffer, link: ExportLink): void {
  const given = Buffer.from(link.signature, 'base64url')
  const expected = signatureOf(key, link)
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected)
  if (!isOurs || link.expires * 1_000 <= now()) throw new CdpError('CDP_LINK_INVALID')
}

function signatureOf(key: Buffer, { workspace, exportId, expires }: Omit<ExportLink, 'signature'>): Buffer {
  return createHmac('sha256', key).update(`${workspace}|${exportId}|${expires}`).digest()
}
