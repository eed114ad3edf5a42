import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Whether an address belongs to the public internet, where anybody may be called. Everything else may be the server's
 * own machine or network: private, loopback, link-local, multicast, unspecified, reserved, and every IPv6 form that only
 * wraps an IPv4 address, which would lead around the list.
 * @param address an IP address without brackets
 * @source IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and later)
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !SPECIAL_IPV4.check(address, 'ipv4')
  // A zone names an interface of this machine: such an address is never public.
  if (!isIPv6(address) || address.includes('%')) return false
  return GLOBAL_UNICAST.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6')
}

const SPECIAL_IPV4 = listOf('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])

/** The only part of IPv6 that is handed out; mapped, NAT64, unique local, link-local and multicast lie outside. */
const GLOBAL_UNICAST = listOf('ipv6', [['2000::', 3]])

/** Teredo, benchmarks, documentation and 6to4 lie inside. */
const SPECIAL_IPV6 = listOf('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family)
  return list
}
