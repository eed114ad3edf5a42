import { hash, verify } from '@node-rs/argon2'

// OWASP's minimum for argon2id, about 20 ms a hash: 19 MiB, two passes, one lane. The library's default algorithm
// is argon2id.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashes a password with argon2id; the result is in PHC form and carries its salt and cost. */
export async function hashPassword(password: string): Promise<string> {
  return hash(password, COST)
}

/** Whether the password is the one that was hashed. */
export async function verifyPassword(password: string, passwordHash: string): Promise<boolean> {
  return verify(passwordHash, password)
}
