import type { Path } from '../model/schema-check.ts'
import { leavesOf } from './leaves.ts'
import type { Leaf } from './leaves.ts'
import { keyOf } from './problems.ts'
import type { Problem } from './problems.ts'
import { VENDOR_CREDENTIALS } from './vendor-blocks.ts'

/** Texts of which a file holds no two equal ones. */
interface UniqueKind {
  holds: (path: Path) => boolean
  /** What counts as equal; exactly the same text unless said. */
  normalize?: (text: string) => string
  message: (other: string) => string
}

const UNIQUE_KINDS: readonly UniqueKind[] = [
  {
    holds: ([root, , key, ...rest]) => root === 'workspaces' && key === 'name' && rest.length === 0,
    message: (other) => `is the same name as ${other}`,
  },
  {
    holds: ([root, , key, ...rest]) => root === 'workspaces' && key === 'guid' && rest.length === 0,
    normalize: (text) => text.toLowerCase(),
    message: (other) => `is the same guid as ${other}`,
  },
  {
    holds: ([root, , key, ...rest]) => root === 'users' && key === 'email' && rest.length === 0,
    normalize: (text) => text.toLowerCase(),
    message: (other) => `is the same address as ${other}`,
  },
  {
    holds: isCredential,
    message: (other) => `is the same credential as ${other}; one opens one workspace in one scope`,
  },
]

/**
 * What no schema can say: doubles, and users of workspaces that are not there. Works on a file of any shape, so
 * that these errors are listed together with those of the schema.
 */
export function crossCheck(file: unknown): Problem[] {
  const leaves = leavesOf(file)
  return [
    ...UNIQUE_KINDS.flatMap((kind) => findDoubles(leaves, kind)),
    ...findStrayWorkspaces(leaves),
    ...checkTimeouts(file),
  ]
}

function isCredential([root, , block, field, inner]: Path): boolean {
  if (root !== 'workspaces' || typeof block !== 'string') return false
  if (block === 'apiKeys') return inner === 'key'
  const credentials: Readonly<Record<string, unknown>> | undefined = Object.hasOwn(VENDOR_CREDENTIALS, block)
    ? VENDOR_CREDENTIALS[block as keyof typeof VENDOR_CREDENTIALS]
    : undefined
  return credentials !== undefined && typeof field === 'string' && Object.hasOwn(credentials, field)
}

function findDoubles(leaves: readonly Leaf[], kind: UniqueKind): Problem[] {
  const firstKeys = new Map<string, string>()
  return leaves.flatMap(({ path, text }) => {
    if (!kind.holds(path)) return []
    const value = kind.normalize?.(text) ?? text
    const other = firstKeys.get(value)
    if (other !== undefined) return [{ key: keyOf(path), message: kind.message(other) }]
    firstKeys.set(value, keyOf(path))
    return []
  })
}

function findStrayWorkspaces(leaves: readonly Leaf[]): Problem[] {
  const isName = ({ path: [root, , key] }: Leaf): boolean => root === 'workspaces' && key === 'name'
  const names = new Set(leaves.filter(isName).map(({ text }) => text))
  return leaves
    .filter(({ path: [root, , key], text }) => root === 'users' && key === 'workspaces' && !names.has(text))
    .map(({ path }) => ({ key: keyOf(path), message: 'is no name under workspaces[].name' }))
}

/** Node refuses to start a server whose headers may take longer than its requests. */
function checkTimeouts(file: unknown): Problem[] {
  const headersMs = numberAt(file, 'headersTimeoutMs')
  const requestMs = numberAt(file, 'requestTimeoutMs')
  if (headersMs === undefined || requestMs === undefined || headersMs <= requestMs) return []
  return [
    {
      key: 'server.headersTimeoutMs',
      message: `must be at most server.requestTimeoutMs, which is ${requestMs}`,
    },
  ]
}

function numberAt(file: unknown, key: string): number | undefined {
  const server: unknown = typeof file === 'object' && file !== null ? Reflect.get(file, 'server') : undefined
  const value: unknown = typeof server === 'object' && server !== null ? Reflect.get(server, key) : undefined
  return typeof value === 'number' ? value : undefined
}
