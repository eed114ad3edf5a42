import type { Command, CommandResult, Notice, Unit } from '../../model/command.ts'
import type { Identifier } from '../../model/identity.ts'

/** A unit that passed the checks before the queue. */
export interface PreparedUnit {
  unit: Unit
  /** In the order of `unit.commands`; what was refused before the queue is in `refused`. */
  commands: readonly PreparedCommand[]
  /** Only with `atomic: each`: results of commands that never reach the queue, by their index. */
  refused: ReadonlyMap<number, CommandResult & { ok: false }>
  /** Keys that no other flusher may work on at the same time. */
  keys: readonly string[]
  idempotency: { keyHash: Buffer; bodyHash: Buffer } | undefined
}

/** A command whose identifiers are in normal form and whose texts can be stored. */
export interface PreparedCommand {
  unit: Unit
  /** Its place among the unit's commands. */
  index: number
  command: Command
  /** Identifiers that decide the profile: the first known one does. At least one, or the command names a profile id. */
  resolvers: readonly Identifier[]
  /** For a profile that the command creates. */
  onCreate: readonly Identifier[]
  /** The e-mail that the write names beside them: an identifier, null when it is removed, undefined when absent. */
  email: Identifier | null | undefined
  /** A phone number that the write names as an identifier beside a stronger one. */
  phone: Identifier | undefined
  /** The id of the device that it links, as an identifier. */
  device: Identifier | undefined
  /** Made before the first try, so that a repeated transaction writes the same event. */
  eventId: string
  /** 16 bytes; present when the sender gave the event an id. */
  dedupeKey: Buffer | undefined
  notices: readonly Notice[]
}

/** Every identifier that a command names, or gives to its profile. */
export function identifiersOf({
  resolvers,
  email,
  phone,
  device,
}: Pick<PreparedCommand, 'resolvers' | 'email' | 'phone' | 'device'>): readonly Identifier[] {
  if (!email && !phone && !device) return resolvers
  return [...resolvers, ...[email, phone, device].filter((identifier) => !!identifier)]
}

/** Every identifier that a command names, with those that only a profile would get which it creates. */
export function namedBy(command: PreparedCommand): readonly Identifier[] {
  const { onCreate } = command
  return onCreate.length === 0 ? identifiersOf(command) : [...identifiersOf(command), ...onCreate]
}
