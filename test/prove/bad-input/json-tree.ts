/**
 * A JSON text as a tree that can hold what no parsed value can: two members of one name, numbers with all their digits, text that
 * is no JSON at all. Objects are lists of members in their order.
 */
export type Tree = { raw: string } | { items: Tree[] } | { members: [string, Tree][] }

/** The tree of a JSON value. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(treeOf) }
  if (value === null || typeof value !== 'object') return { raw: JSON.stringify(value) ?? 'null' }
  return { members: Object.entries(value).map(([name, member]) => [name, treeOf(member)]) }
}

/** The text of a tree. */
export function textOf(tree: Tree): string {
  if ('raw' in tree) return tree.raw
  if ('items' in tree) return `[${tree.items.map(textOf).join(',')}]`
  const members = tree.members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`)
  return `{${members.join(',')}}`
}

/** How a tree is bent: `at` chooses the place among all places where that is possible, round and round. */
export type TreeMutation =
  | { kind: 'replace'; at: number; raw: string }
  | { kind: 'drop'; at: number }
  | { kind: 'rename'; at: number; name: string }
  | { kind: 'repeat'; at: number; raw: string | undefined }
  | { kind: 'add'; at: number; name: string; raw: string }
  | { kind: 'resize'; at: number; length: number }
  | { kind: 'wrap'; at: number; depth: number }

/** The tree after a mutation, which is left out where the tree has no place for it. Changes the tree that it is given. */
export function mutate(tree: Tree, mutation: TreeMutation): Tree {
  const places = placesOf(tree)
  if (mutation.kind === 'replace') return places[mutation.at % places.length]!.put({ raw: mutation.raw })
  if (mutation.kind === 'wrap') return wrap(places[mutation.at % places.length]!, mutation.depth)
  if (mutation.kind === 'resize') resize(chosen(places, isList, mutation.at), mutation.length)
  else changeMembers(chosen(places, isObject, mutation.at), mutation)
  return tree
}

interface Place {
  tree: Tree
  /** Puts another tree here. @returns the whole tree */
  put: (tree: Tree) => Tree
}

/** Every place of a tree, the root first. */
function placesOf(root: Tree): Place[] {
  const found: Place[] = [{ tree: root, put: (tree) => tree }]
  const visit = (tree: Tree): void => {
    if ('raw' in tree) return
    const children: readonly Tree[] = 'items' in tree ? tree.items : tree.members.map(([, member]) => member)
    for (const [index, child] of children.entries()) {
      const put = (other: Tree): Tree => {
        if ('items' in tree) tree.items[index] = other
        else tree.members[index]![1] = other
        return root
      }
      found.push({ tree: child, put })
      visit(child)
    }
  }
  visit(root)
  return found
}

const isList = (tree: Tree): tree is { items: Tree[] } => 'items' in tree
const isObject = (tree: Tree): tree is { members: [string, Tree][] } => 'members' in tree

function chosen<Kind extends Tree>(
  places: readonly Place[],
  isKind: (tree: Tree) => tree is Kind,
  at: number,
): Kind | undefined {
  const fitting = places.map(({ tree }) => tree).filter(isKind)
  return fitting[at % fitting.length]
}

function wrap({ tree, put }: Place, depth: number): Tree {
  return put({ raw: `${'['.repeat(depth)}${textOf(tree)}${']'.repeat(depth)}` })
}

/** Makes a list as long as this out of what it has. */
function resize(list: { items: Tree[] } | undefined, length: number): void {
  if (!list) return
  const [first = { raw: 'null' }] = list.items
  const { items } = list
  list.items = Array.from({ length }, (_, index) => items[index % items.length] ?? first)
}

function changeMembers(
  object: { members: [string, Tree][] } | undefined,
  mutation: Exclude<TreeMutation, { kind: 'replace' | 'wrap' | 'resize' }>,
): void {
  if (!object) return
  const { members } = object
  if (mutation.kind === 'add') return void members.push([mutation.name, { raw: mutation.raw }])
  const index = mutation.at % Math.max(1, members.length)
  const member = members[index]
  if (!member) return
  if (mutation.kind === 'drop') members.splice(index, 1)
  else if (mutation.kind === 'rename') member[0] = mutation.name
  else members.push([member[0], mutation.raw === undefined ? member[1] : { raw: mutation.raw }])
}
