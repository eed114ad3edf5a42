import { afterEach, beforeEach, expect, test } from 'vitest'
import { findBroken, LEFT_BY_ERASURES } from '../setup/invariants.ts'
import { waitFor } from '../system/server-harness.ts'
import { note } from './figures.ts'
import { eventCallOf } from './load/calls.ts'
import { SHOP_KEYS, read } from './load/shop.ts'
import { Stage } from './load/stage.ts'
import { expectTrueCounters } from './load/stored.ts'
import { amount } from './scale.ts'

/** People who are erased while their events arrive. */
const PEOPLE = amount({ short: 4, full: 100, long: 600 })

/** Events of each of them that are stored before, and that arrive after the erasure was answered. */
const EVENTS = amount({ short: 6, full: 12, long: 12 })

let stage: Stage

beforeEach(async () => {
  stage = await Stage.open()
})

afterEach(() => stage.close())

/** A person who sends without a pause, and what is known of the events. */
class Sender {
  /** Events that were answered with success. */
  accepted = 0
  /** Events that were sent, answered or not. */
  sent = 0
  /** Answers other than success. */
  readonly offences: string[] = []
  readonly name: string
  #stopped = false
  #sending: Promise<void> = Promise.resolve()

  constructor(name: string) {
    this.name = name
  }

  start(): void {
    this.#sending = this.#send()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#sending
  }

  async untilAccepted(count: number): Promise<void> {
    const goal = this.accepted + count
    await waitFor(`${count} events of ${this.name}`, async () => (this.accepted >= goal ? true : undefined))
  }

  async #send(): Promise<void> {
    while (!this.#stopped) {
      const call = eventCallOf(this.name, this.sent++, stage.load.context)
      const response = await fetch(stage.server.address + call.path, {
        method: 'POST',
        headers: call.headers,
        body: JSON.stringify(call.body),
      })
      const text = await response.text()
      if (response.ok) this.accepted++
      else this.offences.push(`${call.path} answered ${response.status}: ${text}`)
    }
  }
}

interface Receipt {
  id: string
  state: string
  counts: Record<string, number>
}

/** Erases a person in the middle of their events. @returns the receipt, when the search for traces has ended */
async function eraseInTheMiddle(sender: Sender): Promise<Receipt> {
  sender.start()
  await sender.untilAccepted(EVENTS)
  const { address } = stage.server
  const found = await read<{ id: number }>(
    address,
    `/api/v1/profiles/lookup?kind=userId&value=${sender.name}`,
  )
  const before = sender.accepted
  const response = await fetch(`${address}/api/v1/profiles/${found.id}?mode=erase&tombstone=true`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${SHOP_KEYS.native}` },
  })
  const sent = sender.sent
  expect(response.status).toBe(202)
  const { id } = (await response.json()) as Receipt
  await sender.untilAccepted(EVENTS)
  const receipt = await waitFor('the search for traces to end', async () => {
    const row = await read<Receipt>(address, `/api/v1/erasures/${id}`)
    return row.state === 'done' ? row : undefined
  })
  // What was answered before is in it, and nothing that was not even sent.
  expect(receipt.counts['events']).toBeGreaterThanOrEqual(before)
  expect(receipt.counts['events']).toBeLessThanOrEqual(sent)
  expect(receipt.counts).toMatchObject({ profiles: 1 })
  await sender.stop()
  return receipt
}

test('people are erased while their events arrive in every dialect: nothing of them survives, and the receipts are true', async () => {
  const bystander = new Sender('bystander')
  bystander.start()
  const senders = Array.from({ length: PEOPLE }, (_, index) => new Sender(`erased-person-${index}`))
  const receipts: Receipt[] = []
  const waiting = senders.values()
  const work = async (): Promise<void> => {
    for (const sender of waiting) receipts.push(await eraseInTheMiddle(sender))
  }
  await Promise.all([work(), work(), work(), work()])
  await bystander.stop()
  expect([bystander, ...senders].flatMap(({ offences }) => offences)).toEqual([])
  const traces = await expectNoTraces()
  const accepted = senders.reduce((sum, sender) => sum + sender.accepted, 0)
  const counted = receipts.reduce((sum, { counts }) => sum + (counts['events'] ?? 0), 0)
  await expectAllAccountedFor(accepted, counted)
  await expectBystanderWhole(bystander)
  await expectTrueCounters(stage.query)
  expect(await findBroken(stage.query, LEFT_BY_ERASURES)).toEqual([])
  const proof = 'privacy'
  note({ proof, what: 'people erased while their events arrive', value: PEOPLE })
  note({ proof, what: 'events of theirs that were accepted', value: accepted })
  note({ proof, what: 'of these erased, as the receipts count them', value: counted })
  note({
    proof,
    what: 'of these kept out by tombstones, as the ledger counts them',
    value: accepted - counted,
  })
  note({ proof, what: 'rows of any table that name one of them afterwards', value: traces, bound: '0' })
})

/** Looks for the names of the erased in every column of every table. */
async function expectNoTraces(): Promise<number> {
  const tables = await stage.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const rows = await stage.query<{ row: string }>(
      `select t::text as row from ${name} t where t::text like '%erased-person-%' limit 3`,
    )
    found.push(...rows.map(({ row }) => `${name}: ${row}`))
  }
  expect(found).toEqual([])
  return found.length
}

/** Every event that was accepted was either erased, or kept out and noted: none is anywhere else, none is uncounted. */
async function expectAllAccountedFor(accepted: number, counted: number): Promise<void> {
  const noted = await waitFor('the ledger to have noted what was kept out', async () => {
    const [row] = await stage.query<{ count: number }>(
      `select coalesce(sum(occurrences), 0)::int as count from rejection where reason = 'erased'`,
    )
    return row && row.count >= accepted - counted ? row.count : undefined
  })
  expect(noted + counted).toBe(accepted)
}

async function expectBystanderWhole(bystander: Sender): Promise<void> {
  const rows = await stage.query<{ count: number }>(
    `select count(*)::int as count from event e join identifier i using (workspace_id, profile_id)
      where i.value = 'bystander'`,
  )
  expect(rows).toEqual([{ count: bystander.accepted }])
}
