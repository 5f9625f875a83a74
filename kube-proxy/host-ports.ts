/** Pods of this node as rules: their host ports, and which of them may reach themselves. */
import { type IpFamily, parseIp } from '#api/ip.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { addressesOf, addressOf } from './addresses.ts'
import { elementKey, newPiece, type Piece } from './piece.ts'
import type { UdpTarget } from './service-rules.ts'

export interface PodRules {
  readonly piece: Piece
  readonly udp: readonly UdpTarget[]
}

/** Ends a pod: what is then left of it gets no traffic. */
const isOver = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

export function podRules(pod: Pod, family: IpFamily): PodRules {
  const piece = newPiece()
  const udp: UdpTarget[] = []
  const address = podAddress(pod, family)
  if (pod.spec.hostNetwork || isOver(pod) || address === undefined) return { piece, udp }
  piece.elements.set(elementKey('hairpin', `${address} . ${address}`), '')
  for (const { hostPort, hostIP, protocol: name, containerPort } of portsOf(pod)) {
    const protocol = name?.toLowerCase() ?? 'tcp'
    if (!hostPort) continue
    const value = `${address} . ${containerPort}`
    const at = hostIP && parseIp(hostIP)
    if (at && at.family !== family) continue
    const specific = at && at.value !== 0n ? addressOf(hostIP, family) : undefined
    if (specific) {
      const key = `${specific} . ${protocol} . ${hostPort}`
      piece.elements.set(elementKey('hostports-at', key), value)
    } else piece.elements.set(elementKey('hostports', `${protocol} . ${hostPort}`), value)
    if (protocol === 'udp') {
      udp.push({ address: specific, port: hostPort, backends: [`${address} ${containerPort}`] })
    }
  }
  return { piece, udp }
}

/** Sidecars are init containers that go on running, so their ports count too. */
const portsOf = ({ spec }: Pod) =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap(({ ports }) => ports ?? [])

function podAddress({ status }: Pod, family: IpFamily): string | undefined {
  const addresses = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP ? [status.podIP] : [])
  return addressesOf(
    addresses.flatMap((address) => address ?? []),
    family,
  )[0]
}
