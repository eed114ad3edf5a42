import { sha256 } from '../lib/ids.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Keys and tokens are made of these characters, and none is shorter. Escapes of JSON are looked past, so that no letter of one is taken for theirs. */
const ESCAPE_OR_WORD = /\\(?:u[\da-f]{4}|.)|[\w-]{20,}/g

// Unique index api_key_secret and primary key of access_token: which of some hashes are those of secrets that open something.
const findKnown = prepared<{ hash: string }>(
  'known-secret-find',
  `select h as hash from json_to_recordset($1::json) as k(h text)
    where exists (select from api_key where secret_hash = decode(h, 'hex') and revoked_at is null)
       or exists (select from access_token where token_hash = decode(h, 'hex'))`,
)

/**
 * What takes the secrets out of texts: every living key and token of any workspace that stands in one of them as a word of its own,
 * under whatever name it was sent. Asks the database once, and not at all where no text has such a word.
 */
export async function openSecretCover(
  db: Queryable,
  texts: readonly string[],
): Promise<(text: string) => string> {
  const words = new Map<string, string>()
  // An item that was refused for many reasons stands in many rows.
  for (const text of new Set(texts)) {
    for (const [word] of text.matchAll(ESCAPE_OR_WORD))
      if (!word.startsWith('\\') && !words.has(word)) words.set(word, sha256(word).toString('hex'))
  }
  if (words.size === 0) return (text) => text
  const rows = await findKnown(db, [asRows([...words.values()].map((h) => ({ h })))])
  const known = new Set(rows.map(({ hash }) => hash))
  if (known.size === 0) return (text) => text
  return (text) =>
    text.replaceAll(ESCAPE_OR_WORD, (word) => (known.has(words.get(word) ?? '') ? '[redacted]' : word))
}
