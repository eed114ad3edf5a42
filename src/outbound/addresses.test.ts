import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isPublicAddress } from './addresses.ts'

const REFUSED = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '2606:4700::1%lo',
  '',
  'localhost',
  '127.1',
  '0x7f000001',
  '[::1]',
]

const ALLOWED = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2606:4700:4700::1111',
  '2a00:1450::1',
]

describe('an address', () => {
  test.each(REFUSED)('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false))
  test.each(ALLOWED)('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))
})

const octet = fc.integer({ min: 0, max: 255 })
const anyIpv4 = fc.tuple(octet, octet, octet, octet)

it('of IPv4 is public exactly when no special range holds it, by arithmetic of its own', () => {
  const ranges: [number, number][] = [
    [0x00000000, 8],
    [0x0a000000, 8],
    [0x64400000, 10],
    [0x7f000000, 8],
    [0xa9fe0000, 16],
    [0xac100000, 12],
    [0xc0000000, 24],
    [0xc0000200, 24],
    [0xc0586300, 24],
    [0xc0a80000, 16],
    [0xc6120000, 15],
    [0xc6336400, 24],
    [0xcb007100, 24],
    [0xe0000000, 4],
    [0xf0000000, 4],
  ]
  fc.assert(
    fc.property(anyIpv4, (octets) => {
      const number = octets.reduce((sum, part) => sum * 256 + part, 0)
      const isSpecial = ranges.some(([network, bits]) => {
        const size = 2 ** (32 - bits)
        return Math.floor(number / size) === Math.floor(network / size)
      })
      expect(isPublicAddress(octets.join('.'))).toBe(!isSpecial)
    }),
    { numRuns: 2_000 },
  )
})

it('of IPv6 that wraps an IPv4 address is never public, however it is written', () => {
  fc.assert(
    fc.property(anyIpv4, (octets) => {
      const [a, b, c, d] = octets
      const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
      const forms = [
        `::ffff:${octets.join('.')}`,
        `::FFFF:${hex}`,
        `0:0:0:0:0:ffff:${hex}`,
        `::${hex}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::1`,
      ]
      expect(forms.filter(isPublicAddress)).toEqual([])
    }),
  )
})

it('of any other part of IPv6 than 2000::/3 is never public', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(fc.tuple(group, group, group, group, group, group, group, group), (groups) => {
      const isGlobal = groups[0] >> 13 === 1
      const address = groups.map((part) => part.toString(16)).join(':')
      if (!isGlobal) expect(isPublicAddress(address)).toBe(false)
    }),
    { numRuns: 500 },
  )
})
