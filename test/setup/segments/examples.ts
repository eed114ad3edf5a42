import type { Person, World } from './world.ts'

/** When and where the examples are read. */
export const READING = { now: Date.parse('2026-10-25T12:00:00Z'), timezone: 'Europe/Warsaw' }
const HOUR_MS = 3_600_000

const NOBODY: Person = {
  attributes: {},
  createdAt: READING.now,
  updatedAt: READING.now,
  identifiers: [],
  tags: [],
  consents: [],
  events: [],
  devices: [],
  isCompany: false,
  relation: undefined,
}

/** Their ids. */
export const [ANNA, JAN, SHOP, OLD_ANNA] = [1, 2, 3, 4] as const

const ago = (hours: number, name: string, properties = {}) => ({
  name,
  at: READING.now - hours * HOUR_MS,
  properties,
})

/** Three living people, and one who was merged into the first of them. */
export const WORLD: World = {
  people: [
    {
      ...NOBODY,
      attributes: {
        city: 'Dublin',
        age: 30,
        birthDate: '1996-02-29',
        joined: '2026-10-25T02:30:00',
        colors: ['red', 'Blue'],
        address: { street: 'Main', tags: ['home'] },
        orders: '12345678901234567890',
        'a/b': null,
      },
      createdAt: READING.now - 48 * HOUR_MS,
      identifiers: [1, 2],
      tags: ['vip'],
      consents: [{ channel: 'email', state: 'granted', at: 5 }],
      events: [ago(3, 'Viewed', { sku: 'A' }), ago(2, 'Bought', { sku: 'A', price: 10 })],
      devices: [{ model: 'Pixel 9', screenHeight: 2400 }],
      relation: { company: 2, at: 1 },
    },
    {
      ...NOBODY,
      attributes: { city: 'dublin 8', age: '41', birthDate: '1996-02-30', joined: 'soon' },
      identifiers: [5],
      events: [ago(50, 'Bought', { price: '2.5' }), ago(40, 'Bought', { price: 'NaN' }), ago(30, 'Viewed')],
    },
    { ...NOBODY, isCompany: true, tags: ['shared'], identifiers: [1] },
    {
      ...NOBODY,
      tags: ["it's"],
      consents: [
        { channel: 'email', state: 'denied', at: 9 },
        { channel: 'sms', state: 'denied', at: 9 },
      ],
      events: [ago(100, 'Bought', { price: 90 })],
    },
  ],
  merges: new Map([[OLD_ANNA - 1, ANNA - 1]]),
}

/** A condition on an attribute. */
export const attribute = (name: string, test: object) => ({ type: 'attribute', name, ...test })
/** A condition on events. */
export const bought = { type: 'event', name: 'Bought' }
const days = (offset: number, startOf?: string) => ({ offset, unit: 'day', ...(startOf && { startOf }) })

/** What a condition means: who it is true of. */
export const EXAMPLES: [what: string, definition: unknown, who: number[]][] = [
  ['exists', attribute('age', { operator: 'exists' }), [ANNA, JAN]],
  ['exists, of null', attribute('a/b', { operator: 'exists' }), []],
  ['equals, exactly', attribute('city', { operator: 'equals', value: 'Dublin' }), [ANNA]],
  ['equals, of a number and not of its text', attribute('age', { operator: 'equals', value: 41 }), []],
  ['equals, of null', attribute('a/b', { operator: 'equals', value: null }), [ANNA]],
  ['equals, of a list', attribute('colors', { operator: 'equals', value: ['red', 'Blue'] }), [ANNA]],
  [
    'equals, of an object',
    attribute('address', { operator: 'equals', value: { tags: ['home'], street: 'Main' } }),
    [ANNA],
  ],
  [
    'equals, inside an object',
    { ...attribute('address', { operator: 'equals', value: 'home' }), path: ['tags', '0'] },
    [ANNA],
  ],
  [
    'equals, in any case',
    attribute('city', { operator: 'equals', value: 'DUBLIN', ignoreCase: true }),
    [ANNA],
  ],
  [
    'notEquals, also where there is none',
    attribute('city', { operator: 'notEquals', value: 'Dublin' }),
    [JAN, SHOP],
  ],
  ['contains, in a text', attribute('city', { operator: 'contains', value: 'ublin' }), [ANNA, JAN]],
  ['contains, in a list', attribute('colors', { operator: 'contains', value: 'red' }), [ANNA]],
  ['contains, exactly in a list', attribute('colors', { operator: 'contains', value: 'blue' }), []],
  [
    'contains, in any case',
    attribute('colors', { operator: 'contains', value: 'blue', ignoreCase: true }),
    [ANNA],
  ],
  ['startsWith', attribute('city', { operator: 'startsWith', value: 'dub' }), [JAN]],
  ['startsWith, of a wildcard', attribute('city', { operator: 'startsWith', value: '%' }), []],
  [
    'endsWith, in any case',
    attribute('city', { operator: 'endsWith', value: 'LIN', ignoreCase: true }),
    [ANNA],
  ],
  ['in', attribute('city', { operator: 'in', values: ['Dublin', 'Cork', 7] }), [ANNA]],
  ['greaterThan, also of a number as text', attribute('age', { operator: 'greaterThan', value: 30 }), [JAN]],
  ['atLeast', attribute('age', { operator: 'atLeast', value: 30 }), [ANNA, JAN]],
  ['lessThan', attribute('age', { operator: 'lessThan', value: 30.5 }), [ANNA]],
  ['atMost', attribute('age', { operator: 'atMost', value: 29 }), []],
  ['between', attribute('age', { operator: 'between', from: 30, to: 41 }), [ANNA, JAN]],
  [
    'a number that no double holds',
    attribute('orders', { operator: 'greaterThan', value: 12345678901234567000 }),
    [ANNA],
  ],
  [
    'before, of a date; one that no calendar has is none',
    attribute('birthDate', { operator: 'before', value: '2000-01-01' }),
    [ANNA],
  ],
  [
    'after, of local time shown twice',
    attribute('joined', { operator: 'after', value: '2026-10-25T01:29:59Z' }),
    [ANNA],
  ],
  [
    'after, of local time on both sides',
    attribute('joined', { operator: 'after', value: '2026-10-25T02:30:00' }),
    [],
  ],
  ['during', attribute('joined', { operator: 'during', from: '2026-10-25', to: '2026-10-26' }), [ANNA]],
  [
    'during, relative and by the calendar',
    attribute('joined', { operator: 'during', from: days(0, 'day'), to: days(1, 'day') }),
    [ANNA],
  ],
  [
    'the time of the profile',
    { type: 'profile', name: 'createdAt', operator: 'before', value: days(-1) },
    [ANNA],
  ],
  ['a tag', { type: 'tag', name: 'vip' }, [ANNA]],
  ['a tag of the installation', { type: 'tag', name: 'shared' }, [SHOP]],
  ['a tag of a merged profile', { type: 'tag', name: "it's" }, []],
  ['an answer: the own one stands', { type: 'consent', channel: 'email', state: 'granted' }, [ANNA]],
  ['an answer of a merged profile', { type: 'consent', channel: 'sms', state: 'denied' }, [ANNA]],
  ['no answer', { type: 'consent', channel: 'email', state: 'unknown' }, [JAN, SHOP]],
  ['companies', { type: 'company', role: 'company' }, [SHOP]],
  ['members of any company', { type: 'company', role: 'member' }, [ANNA]],
  ['members of a company', { type: 'company', role: 'member', companyId: SHOP }, [ANNA]],
  ['members of none', { type: 'company', role: 'member', companyId: JAN }, []],
  ['the anonymous', { type: 'anonymous' }, [JAN]],
  ['a device', { type: 'device' }, [ANNA]],
  [
    'a device by what it is',
    {
      type: 'device',
      filters: [
        { name: 'model', operator: 'startsWith', value: 'Pixel' },
        { name: 'screenHeight', operator: 'atLeast', value: 2400 },
        { name: 'osVersion', operator: 'notEquals', value: '1' },
      ],
    },
    [ANNA],
  ],
  ['events', bought, [ANNA, JAN]],
  ['any event', { type: 'event' }, [ANNA, JAN]],
  ['no event', { type: 'not', condition: { type: 'event' } }, [SHOP]],
  ['events by a property', { ...bought, filters: [{ name: 'sku', operator: 'equals', value: 'A' }] }, [ANNA]],
  ['events in a rolling window', { ...bought, window: { from: days(-1) } }, [ANNA]],
  ['events in a window', { ...bought, window: { from: '2026-10-23', to: '2026-10-24' } }, [JAN]],
  [
    'a count, with those of merged profiles',
    { ...bought, measure: { function: 'count', operator: 'equals', value: 2 } },
    [ANNA, JAN],
  ],
  [
    'a count that is right for none',
    { ...bought, measure: { function: 'count', operator: 'lessThan', value: 2 } },
    [SHOP],
  ],
  [
    'a sum',
    { ...bought, measure: { function: 'sum', name: 'price', operator: 'atLeast', value: 100 } },
    [ANNA],
  ],
  [
    'a mean of the numbers that there are',
    { ...bought, measure: { function: 'avg', name: 'price', operator: 'equals', value: 2.5 } },
    [JAN],
  ],
  [
    'a minimum',
    { ...bought, measure: { function: 'min', name: 'price', operator: 'atMost', value: 10 } },
    [ANNA, JAN],
  ],
  [
    'a maximum',
    { ...bought, measure: { function: 'max', name: 'price', operator: 'greaterThan', value: 10 } },
    [ANNA],
  ],
  [
    'a sum of nothing',
    {
      type: 'event',
      name: 'Viewed',
      measure: { function: 'sum', name: 'price', operator: 'lessThan', value: 1 },
    },
    [],
  ],
  [
    'the first time',
    { ...bought, measure: { function: 'first', operator: 'before', value: days(-4) } },
    [ANNA],
  ],
  ['the last time', { ...bought, measure: { function: 'last', operator: 'after', value: days(-1) } }, [ANNA]],
  ['one after the other', { type: 'sequence', steps: [{ name: 'Viewed' }, { name: 'Bought' }] }, [ANNA]],
  [
    'one after the other in time',
    {
      type: 'sequence',
      steps: [{ name: 'Bought' }, { name: 'Viewed' }],
      within: { amount: 10, unit: 'hour' },
    },
    [JAN],
  ],
  [
    'three steps',
    { type: 'sequence', steps: [{ name: 'Bought' }, { name: 'Bought' }, { name: 'Viewed' }] },
    [JAN],
  ],
  [
    'and, or, not',
    {
      type: 'and',
      conditions: [
        { type: 'or', conditions: [bought, { type: 'tag', name: 'shared' }] },
        { type: 'not', condition: { type: 'anonymous' } },
      ],
    },
    [ANNA, SHOP],
  ],
]
