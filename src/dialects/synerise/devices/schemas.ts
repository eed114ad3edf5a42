import { Type } from 'typebox'
import type { Static } from 'typebox'
import { DEVICE_TYPES } from '../../../model/device.ts'
import { nullable } from '../shared/schemas.ts'

/** @assumed no limit is printed: these are short facts */
const fact = () => nullable(Type.String({ maxLength: 255 }))

/** Pixels. @source reference 0.16: int32 */
const pixels = () => nullable(Type.Integer({ minimum: 0, maximum: 2_147_483_647 }))

/** Tokens of push services and public keys are a few hundred characters; @assumed no limit is printed. */
const LONG = 4_096

/** A device as clients send one; unknown fields are ignored. @source reference 0.16 */
export const DeviceBody = Type.Object({
  deviceId: Type.String({ minLength: 1, maxLength: 255 }),
  registrationId: Type.String({ minLength: 1, maxLength: LONG }),
  type: Type.Enum([...DEVICE_TYPES]),
  bluetoothAddress: fact(),
  macAddress: fact(),
  manufacturer: fact(),
  model: fact(),
  osVersion: fact(),
  product: fact(),
  screenHeight: pixels(),
  screenWidth: pixels(),
  publicKey: nullable(Type.String({ maxLength: LONG })),
})

/** See {@link DeviceBody}. */
export type DeviceBody = Static<typeof DeviceBody>
