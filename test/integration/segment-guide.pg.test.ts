import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/lib/json.ts'
import { now, toRfc3339 } from '../../src/lib/time.ts'
import type { ConsentWrite } from '../../src/model/command.ts'
import type { Device } from '../../src/model/device.ts'
import type { Condition } from '../../src/model/segment.ts'
import { readFileSync } from 'node:fs'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { blocksOf } from '../setup/fenced-blocks.ts'
import { id, makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { openKeeping } from '../setup/segments/keeping.ts'
import type { Keeping } from '../setup/segments/keeping.ts'

const GUIDE = 'docs/guides/segments.md'
const HOUR_MS = 3_600_000

/** A person as the guide tells of it. */
interface Told {
  attributes?: Record<string, Json>
  consents?: Record<string, ConsentWrite['state']>
  tags?: string[]
  events?: { name: string; hoursAgo: number; properties: Record<string, Json> }[]
  isAnonymous?: true
  isCompany?: true
  worksFor?: string
  device?: Pick<Device, 'type' | 'model' | 'osVersion'>
}

const text = readFileSync(new URL(`../../${GUIDE}`, import.meta.url), 'utf8')
const questions = [...text.matchAll(/^## \d+\. (.+)$/gm)].map(([, question = '']) => question)
const answers = [...text.matchAll(/^Finds: ([a-z, ]+)\./gm)].map(([, names = '']) => names.split(', '))
const definitions = blocksOf('segment', [GUIDE]).map((block) => JSON.parse(block.text) as Condition)
const asked = questions.map((question, index) => ({
  question,
  definition: definitions[index],
  answer: answers[index],
}))

test('the guide asks ten questions, each with a definition and an answer', () => {
  expect([questions.length, definitions.length, answers.length]).toEqual([10, 10, 10])
})

describe('the guide to segments', () => {
  let database: TestDatabase
  let path: WritePath
  let keeping: Keeping
  const workspace = makeWorkspace({ timezone: 'Europe/Dublin' })
  const ids = new Map<string, number>()

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
    keeping = openKeeping(database)
    const [block] = blocksOf('people', [GUIDE])
    const people = Object.entries(JSON.parse(String(block?.text)) as Record<string, Told>)
    // A company is there before anybody works for it.
    for (const [name, told] of people.toReversed()) await store(name, told)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  async function store(name: string, told: Told): Promise<void> {
    const own = told.isAnonymous ? id('anonymousId', name) : userId(name)
    const { trialEndsInHours, ...attributes } = told.attributes ?? {}
    const trial = trialEndsInHours && { trialEndsAt: toRfc3339(now() + Number(trialEndsInHours) * HOUR_MS) }
    const consents = Object.entries(told.consents ?? {}).map(
      ([channel, state]) => ({ channel, state }) as ConsentWrite,
    )
    const { tags = [], isCompany } = told
    const parts = { attributes: { ...attributes, ...trial }, consents, tags, ...(isCompany && { isCompany }) }
    const { profileId = 0 } = await path.write(workspace, makeCommand(own, parts))
    ids.set(name, profileId)
    const companyId = ids.get(told.worksFor ?? '')
    if (companyId !== undefined) await path.write(workspace, makeCommand(own, { companyId }))
    const device = told.device && { deviceId: name, registrationId: '', ...told.device }
    if (device) await path.write(workspace, makeCommand([], { profileId, device }))
    for (const { hoursAgo, ...event } of told.events ?? [])
      await path.write(
        workspace,
        makeCommand(own, { event: { ...event, occurredAt: now() - hoursAgo * HOUR_MS } }),
      )
  }

  test.each(asked)('$question', async ({ definition, answer = [] }) => {
    const expected = answer.map((name) => ids.get(name)).toSorted()
    const preview = await keeping.segments.preview(workspace, definition)
    expect(preview).toMatchObject({ count: expected.length, isEstimated: false })
    expect(preview.sample.toSorted()).toEqual(expected)
    const { segmentId } = await keeping.add(workspace, definition as Condition)
    await keeping.keepUp()
    expect((await keeping.kept(workspace, segmentId)).toSorted()).toEqual(expected)
  })
})
