/** Pods of this node as rules: their host ports, and which of them may reach themselves. */
import { type IpFamily, parseIp } from '#api/ip.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
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
  const address = addressOf(pod, family)
  if (pod.spec.hostNetwork || isOver(pod) || address === undefined) return { piece, udp }
  piece.elements.set(elementKey('hairpin', `${address} . ${address}`), '')
  for (const { hostPort, hostIP, protocol: name, containerPort } of portsOf(pod)) {
    const protocol = name?.toLowerCase() ?? 'tcp'
    if (!hostPort) continue
    const value = `${address} . ${containerPort}`
    const at = hostIP && parseIp(hostIP)
    const isSpecific = at && at.value !== 0n
    if (at && at.family !== family) continue
    if (isSpecific) {
      const key = `${hostIP} . ${protocol} . ${hostPort}`
      piece.elements.set(elementKey('hostports-at', key), value)
    } else piece.elements.set(elementKey('hostports', `${protocol} . ${hostPort}`), value)
    if (protocol === 'udp') {
      const to = isSpecific ? hostIP : undefined
      udp.push({ address: to, port: hostPort, backends: [`${address} ${containerPort}`] })
    }
  }
  return { piece, udp }
}

/** Sidecars are init containers that go on running, so their ports count too. */
const portsOf = ({ spec }: Pod) =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap(({ ports }) => ports ?? [])

function addressOf({ status }: Pod, family: IpFamily): string | undefined {
  const addresses = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP ? [status.podIP] : [])
  return addresses.find((address) => address && parseIp(address)?.family === family)
}
