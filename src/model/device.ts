/** Kinds of devices that apps run on. */
export const DEVICE_TYPES = ['android', 'ios', 'windows'] as const

/** A device of a person, as its app describes it. */
export interface Device {
  /** The id that the app knows the device by; also an identifier of the profile. */
  deviceId: string
  /** Where messages to the app go. */
  registrationId: string
  type: (typeof DEVICE_TYPES)[number]
  bluetoothAddress?: string | undefined
  macAddress?: string | undefined
  manufacturer?: string | undefined
  model?: string | undefined
  osVersion?: string | undefined
  product?: string | undefined
  /** Pixels. */
  screenHeight?: number | undefined
  /** Pixels. */
  screenWidth?: number | undefined
  /** With which messages to the app are encrypted. */
  publicKey?: string | undefined
}
