import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Command, RawIdentifier } from '../../../model/command.ts'
import { clientNumber, nullable } from './schemas.ts'

/** Whom an event or a transaction is about: one of these at least. @source reference 0.11 */
export const EventClientSchema = Type.Object(
  {
    customId: nullable(Type.String()),
    id: nullable(clientNumber()),
    uuid: nullable(Type.String()),
    email: nullable(Type.String()),
  },
  { minProperties: 1 },
)

/** See {@link EventClientSchema}. */
export type EventClient = Static<typeof EventClientSchema>

/**
 * Who an event is about, in core's words.
 * @assumed an unknown customId, uuid or email makes a profile; an unknown clientId alone is accepted and ignored, as
 * the vendor says of the batch of profiles
 */
export function mapEventClient(
  client: EventClient,
): Pick<Command, 'identifiers' | 'profileId' | 'onUnknown'> {
  const { customId, id, uuid, email } = client
  const identifiers: RawIdentifier[] = [
    ...(customId ? [{ kind: 'userId' as const, value: customId }] : []),
    ...(uuid ? [{ kind: 'uuid' as const, value: uuid }] : []),
    ...(email ? [{ kind: 'email' as const, value: email }] : []),
  ]
  return typeof id === 'number' ? { identifiers, profileId: id, onUnknown: 'ignore' } : { identifiers }
}

/**
 * The vendor's pattern of an e-mail.
 * @source reference 0.4
 */
export const EMAIL =
  /^(([^<>()[\]\\.,;:\s@\\"]+(\.[^<>()[\]\\.,;:\s@\\"]+)*)|(\\".+\\"))@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\])|(([a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,}))$/

/** The vendor's pattern of a phone number. @source reference 0.4 */
export const PHONE = /(^\+[0-9 \-()/]{6,19}$)|(^[0-9 \-()/]{6,20}$)/
