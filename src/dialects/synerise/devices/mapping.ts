import type { Command } from '../../../model/command.ts'
import type { Device } from '../../../model/device.ts'
import type { DeviceBody } from './schemas.ts'

/** A device → the command that links it to a profile. A field that is null is as if it were left out. */
export function mapDevice(body: DeviceBody, profileId: number): Command {
  const given = Object.entries(body).filter(([name, value]) => FIELDS.has(name) && value !== null)
  return {
    identifiers: [],
    profileId,
    target: 'existing',
    device: Object.fromEntries(given) as unknown as Device,
    pointer: '',
    item: body,
    notices: [],
  }
}

/** The vendor's names of a device's facts are the product's. */
const FIELDS: ReadonlySet<string> = new Set<keyof Device>([
  'deviceId',
  'registrationId',
  'type',
  'bluetoothAddress',
  'macAddress',
  'manufacturer',
  'model',
  'osVersion',
  'product',
  'screenHeight',
  'screenWidth',
  'publicKey',
])
