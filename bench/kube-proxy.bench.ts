/** How long a change of endpoints takes to be in the kernel, and what a Service costs a client. */

import { systemCommands } from '#kube-proxy/commands.ts'
import { FamilyRules } from '#kube-proxy/family-rules.ts'
import { nodePiece } from '#kube-proxy/node-facts.ts'
import { serviceRules } from '#kube-proxy/service-rules.ts'
import { service, slice } from '#kube-proxy/test-objects.ts'
import { type Bench, median } from './bench.ts'
import { Lan, Namespaces } from './netns.ts'
import { quietLog } from './quiet-log.ts'

const ENDPOINTS = 3
const ROUNDS = 21
const ASKS = 2000
const podCidrs = ['10.244.0.0/16']
const place = { nodeName: 'n1', zone: '' }
const settings = {
  family: 'IPv4',
  place,
  podCidrs,
  nodeAddresses: ['172.28.0.11'],
  masqueradeAll: false,
  hasSctp: true,
} as const

export const benches: readonly Bench[] = [
  ...[10, 1000, 5000].flatMap((count): Bench[] => [
    {
      name: `all rules, ${count} Services`,
      unit: 'ms',
      better: 'lower',
      measure: () => withRules(count, async ({ startMs }) => startMs),
    },
    {
      name: `endpoint change to rules live, ${count} Services`,
      unit: 'ms',
      better: 'lower',
      measure: () => withRules(count, medianChangeMs),
    },
  ]),
  {
    name: 'TCP connect through a ClusterIP of 5000',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the pod itself', figure: () => connectMs('10.244.1.12', 8080) },
    measure: () => connectMs('10.96.0.0', 80),
  },
  {
    name: 'UDP exchange through a ClusterIP of 5000',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the pod itself', figure: () => connectMs('10.244.1.12', 8080, 'udp') },
    measure: () => connectMs('10.96.0.0', 81, 'udp'),
  },
]

interface Filled {
  readonly rules: FamilyRules
  readonly startMs: number
}

/** One NodePort Service in ten, as in clusters of people who like to look at things. */
function rulesOf(index: number, endpoints: readonly string[]) {
  const isNodePort = index % 10 === 0
  const ports = [
    {
      port: 80,
      protocol: 'TCP' as const,
      targetPort: 8080,
      ...(isNodePort && { nodePort: 20_000 + index }),
    },
    { port: 81, protocol: 'UDP' as const, targetPort: 8080 },
  ]
  const spec = {
    type: isNodePort ? 'NodePort' : 'ClusterIP',
    clusterIPs: [`10.96.${index >> 8}.${index & 0xff}`],
    ports: index === 0 ? ports : ports.slice(0, 1),
  } as const
  const object = service({ ...spec, ports: [...spec.ports], clusterIPs: [...spec.clusterIPs] })
  const named = { ...object, metadata: { ...object.metadata, name: `s${index}` } }
  const both = [{ port: 8080 }, { port: 8080, protocol: 'UDP' as const }]
  return serviceRules(
    named,
    [
      slice(
        endpoints.map((each) => [each]),
        { ports: both },
      ),
    ],
    settings,
  )
}

const lasts = (index: number): string[] =>
  Array.from({ length: ENDPOINTS }, (_, at) => String(1 + ((index * ENDPOINTS + at) % 250)))

/** The first Service leads to the endpoints given, and the others to pods that are not there. */
async function filled(
  prefix: readonly string[],
  count: number,
  first: readonly string[] = lasts(0),
): Promise<Filled> {
  const commands = systemCommands({ environment: process.env, prefix })
  const rules = new FamilyRules({ family: 'IPv4', podCidrs, commands, log: quietLog })
  const begunAt = performance.now()
  const node = nodePiece('IPv4', { place, addresses: settings.nodeAddresses }, [])
  rules.replace('node', { piece: node, udp: [] })
  for (let index = 0; index < count; index++) {
    rules.replace(`s${index}`, rulesOf(index, index === 0 ? first : lasts(index)))
  }
  await rules.sync([])
  return { rules, startMs: performance.now() - begunAt }
}

async function withRules(
  count: number,
  measure: (filled: Filled) => Promise<number>,
): Promise<number> {
  await using spaces = new Namespaces()
  return await measure(await filled(spaces.prefix('bench'), count))
}

/** Another Service each time; TCP alone, as UDP costs a look at the connections too. */
async function medianChangeMs({ rules }: Filled): Promise<number> {
  const figures: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const index = 1 + (round % 9)
    const begunAt = performance.now()
    rules.replace(`s${index}`, rulesOf(index, [...lasts(index), String(200 + round)]))
    await rules.sync([])
    figures.push(performance.now() - begunAt)
  }
  return median(figures)
}

/** From one pod to another on the same node, past the rules of 5,000 Services. */
async function connectMs(host: string, port: number, protocol: 'tcp' | 'udp' = 'tcp') {
  await using lan = new Lan()
  const node = lan.addNode(1)
  const client = await lan.addPod(node, 'client', 11)
  await lan.addPod(node, 'server', 12)
  const prefix = ['ip', 'netns', 'exec', node.space.name]
  node.space.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  await filled(prefix, 5000, ['10.244.1.12'])
  const { seen, medianMs } = await client.space.flood(host, port, ASKS, { protocol })
  const [answer] = Object.keys(seen)
  if (answer !== 'server 10.244.1.11') throw new Error(`asked ${host}: found ${answer}`)
  return medianMs
}
