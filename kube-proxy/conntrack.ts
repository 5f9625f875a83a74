/**
 * Clears what the kernel remembers of UDP clients: a packet follows the way of the one before it,
 * also to a pod that is gone, for as long as the client does not fall silent.
 */
import type { Commands } from './commands.ts'
import type { UdpTarget } from './service-rules.ts'

/** Packets from many clients to one address, answered by one backend. */
export interface Flow {
  readonly address: string
  readonly port: number
  /** Who answers: `address port`. */
  readonly backend: string
}

const FLOW =
  /\bdst=(\S+) sport=\d+ dport=(\d+) (?:\[UNREPLIED\] )?(?:packets=\d+ bytes=\d+ )*src=(\S+) dst=\S+ sport=(\d+)/

/** Reads the lines of `conntrack -L`; each flow once, however many clients it has. */
export function parseFlows(listing: string): readonly Flow[] {
  const found = new Map<string, Flow>()
  for (const line of listing.split('\n')) {
    const [, address, port, from, fromPort] = FLOW.exec(line) ?? []
    if (address === undefined || from === undefined) continue
    const backend = `${from} ${fromPort}`
    found.set(`${address} ${port} ${backend}`, { address, port: Number(port), backend })
  }
  return [...found.values()]
}

/** Those that go elsewhere than to an endpoint of today. */
export function staleFlows(
  flows: readonly Flow[],
  targets: readonly UdpTarget[],
  nodeAddresses: readonly string[],
): readonly Flow[] {
  const wanted = new Map<string, Set<string>>()
  for (const { address, port, backends } of targets) {
    for (const at of address === undefined ? nodeAddresses : [address]) {
      const key = `${at} ${port}`
      const known = wanted.get(key) ?? new Set()
      for (const backend of backends) known.add(backend)
      wanted.set(key, known)
    }
  }
  return flows.filter(({ address, port, backend }) => {
    const backends = wanted.get(`${address} ${port}`)
    return backends && !backends.has(backend)
  })
}

export async function clearStaleFlows(
  commands: Commands,
  family: 'ipv4' | 'ipv6',
  targets: readonly UdpTarget[],
  nodeAddresses: readonly string[],
): Promise<number> {
  const listing = await commands.run({
    program: 'conntrack',
    arguments: ['-L', '-f', family, '-p', 'udp'],
  })
  const stale = staleFlows(parseFlows(listing), targets, nodeAddresses)
  for (const { address, port, backend } of stale) {
    const [from, fromPort] = backend.split(' ') as [string, string]
    const given = ['-D', '-f', family, '-p', 'udp']
    given.push('--orig-dst', address, '--orig-port-dst', String(port))
    given.push('--reply-src', from, '--reply-port-src', fromPort)
    try {
      await commands.run({ program: 'conntrack', arguments: given })
    } catch (error) {
      // It may have ended by itself in the meantime.
      if (!(error as Error).message.includes(' 0 flow entries')) throw error
    }
  }
  return stale.length
}
