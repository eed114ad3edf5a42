import { expect } from 'vitest'
import type { Harness, Reply } from '../contract/harness.ts'

/** An event as the vendor lists it. */
export interface ShownEvent {
  uuid: string
  time: string
  action: string
  label: null
  client: Record<string, unknown>
  params: Record<string, unknown>
}

/** What tests of events ask about profiles. */
export interface SyneriseEvents {
  /** A customId that no other test of the file has. */
  someone(): string
  send(operation: string, body: unknown): Promise<Reply>
  clientIdOf(customId: string): Promise<string>
  eventsOf(customId: string, query?: Record<string, string>): Promise<ShownEvent[]>
  /** By the id of the profile. */
  listOf(clientId: string, query?: Record<string, string>): Promise<ShownEvent[]>
}

/** Opens them over a harness that a test opens later. */
export function openEvents(harness: () => Harness): SyneriseEvents {
  let people = 0
  const clientIdOf: SyneriseEvents['clientIdOf'] = async (customId) => {
    const params = { identifierType: 'by-custom-id', identifierValue: customId }
    const reply = await harness().call('synerise', 'fetch-client', { params })
    expect(reply.status, reply.text).toBe(200)
    return String((reply.body as { clientId: number }).clientId)
  }
  const listOf: SyneriseEvents['listOf'] = async (clientId, query = {}) => {
    const reply = await harness().call('synerise', 'list-client-events', { params: { clientId }, query })
    expect(reply.status, reply.text).toBe(200)
    return reply.body as ShownEvent[]
  }
  return {
    someone: () => `person-${++people}`,
    send: (operation, body) => harness().call('synerise', operation, { body }),
    clientIdOf,
    listOf,
    eventsOf: async (customId, query) => listOf(await clientIdOf(customId), query),
  }
}
