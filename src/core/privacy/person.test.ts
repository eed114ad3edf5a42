import { describe, expect, it } from 'vitest'
import { PersonSearch, withoutPerson } from './person.ts'
import type { Person } from './person.ts'

const ann: Person = {
  profileIds: [12],
  held: [
    { kind: 'userId', value: 'u1' },
    { kind: 'email', value: 'ann@example.com' },
    { kind: 'phone', value: '+353850123456' },
    { kind: 'alias', value: 'pyze\u001Fpz-4711' },
  ],
  former: [{ kind: 'email', value: 'old.ann@example.com' }],
  texts: ['(085) 012 "3456"'],
  accountIds: [],
}

const search = new PersonSearch(ann)

describe('a text names a person', () => {
  const naming: [string, unknown][] = [
    ['by an address in any case', { to: 'Ann@Example.com' }],
    ['inside a sentence', { detail: 'The e-mail ann@example.com, is held.' }],
    ['inside a line of a file', { text: 'x,\nann@example.com,1' }],
    ['by a phone number as a number', [353850123456]],
    ['by the id of an alias', { pyze_id: 'pz-4711' }],
    ['by a former address', ['old.ann@example.com']],
    ['by a number as it was written', { phone: '(085) 012 "3456"' }],
    ['by a short id in a field of ids', { userId: 'u1' }],
    ['by the id of the profile', { profileId: 12 }],
  ]
  it.each(naming)('%s', (_name, value) => {
    expect(search.isNamedIn(JSON.stringify(value))).toBe(true)
  })
})

describe('a text does not name a person', () => {
  const others: [string, unknown][] = [
    ['by the end of a longer address', ['mary.ann@example.com', 'x-ann@example.com']],
    ['by the beginning of a longer address', ['ann@example.com.pl']],
    ['by a longer number', [3538501234567]],
    ['by a short id in a field of something else', { size: 'u1' }],
    ['by the id of another profile', { profileId: 123 }],
    ['by the id of a tag', { tagId: 12 }],
  ]
  it.each(others)('%s', (_name, value) => {
    expect(search.isNamedIn(JSON.stringify(value))).toBe(false)
  })
})

describe('what is left of a JSON value', () => {
  it('is everything about others, in its shape', () => {
    const left = withoutPerson(
      {
        items: [
          { profileId: 12, note: 'x', n: 3, ok: true },
          { profileId: 13, note: 'y' },
        ],
      },
      search,
    )
    expect(left).toEqual({
      items: [
        { profileId: 0, note: '', n: 0, ok: true },
        { profileId: 13, note: 'y' },
      ],
    })
  })

  it('is nothing where the value is about the person', () => {
    const own = { profile: { identifiers: [{ value: 'ann@example.com' }], attributes: { city: 'Cork' } } }
    expect(withoutPerson(own, search)).toEqual({
      profile: { identifiers: [{ value: '' }], attributes: { city: '' } },
    })
  })

  it('is the value where it names somebody else', () => {
    expect(withoutPerson({ email: 'bob@example.com' }, search)).toEqual({ email: 'bob@example.com' })
  })
})
