/** What the controllers of nodes and endpoints pay again and again in large clusters. */
import { createPublicKey } from 'node:crypto'
import type { Lease } from '#api/kinds/coordination/lease.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Service } from '#api/kinds/core/service.ts'
import { issueAuthority, issueLeaf, newKey } from '#api/rules/certificate.ts'
import { wantedEndpoints } from '#controller-manager/controllers/endpoints-plan.ts'
import { NodeHealth } from '#controller-manager/controllers/node-health.ts'
import { blockRanges, freeBlock } from '#controller-manager/controllers/node-ipam-ranges.ts'
import { wantedTaints } from '#controller-manager/controllers/node-taints.ts'
import { planZones, usualRates } from '#controller-manager/controllers/node-zones.ts'
import { systemClock } from '#daemon/clock.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'

const NODES = 5000
const ENDPOINTS = 1000

const nodes = Array.from({ length: NODES }, (_, index): Node => {
  const labels = { 'topology.kubernetes.io/zone': `z${index % 3}` }
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
    type,
    status: type === 'Ready' ? 'True' : 'False',
    lastHeartbeatTime: '2030-01-01T00:00:00Z',
  }))
  const metadata = { name: `n${index}`, uid: `u${index}`, labels }
  return { metadata, spec: {}, status: { conditions } } as unknown as Node
})

const health = new NodeHealth()
let renewals = 0
function renewed(): void {
  const node = nodes[renewals % NODES]!
  const lease = { spec: { renewTime: String(renewals++) } } as unknown as Lease
  health.look(node, lease, systemClock)
  wantedTaints(node, undefined, '2030-01-01T00:00:00Z')
}

const used = new Set<string>()
const [range] = blockRanges({ clusterCidrs: ['10.0.0.0/8'] })
for (let index = 0; index < NODES; index++) {
  used.add(freeBlock(range!, index, (_, text) => used.has(text))!.text)
}

const service = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
} as unknown as Service
const pods = Array.from({ length: ENDPOINTS }, (_, index) => {
  const podIP = `10.1.${Math.floor(index / 250)}.${(index % 250) + 1}`
  const conditions = [{ type: 'Ready', status: 'True' }]
  const metadata = { name: `p${index}`, namespace: 'default', uid: `u${index}` }
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions }
  return { metadata, spec: { nodeName: 'n' }, status } as unknown as Pod
})

const key = newKey()
const validity = { notBefore: Date.UTC(2030), notAfter: Date.UTC(2031) }
const serial = Buffer.from([1])
const certificate = issueAuthority({ commonName: 'ca', key, validity, serial })
const publicKey = createPublicKey(newKey())
const subject = { commonName: 'system:node:a', organizations: ['system:nodes'] }

export const benches: readonly Bench[] = [
  cost('a renewed lease, 5,000 nodes', renewed),
  cost('zones of 5,000 nodes', () => planZones(nodes, usualRates)),
  cost('a free block beside 5,000 others', () => freeBlock(range!, 0, (_, text) => used.has(text))),
  cost('Endpoints of 1,000 pods', () => wantedEndpoints(service, pods, undefined)),
  cost('a signed certificate', () =>
    issueLeaf({ certificate, key }, { subject, publicKey, usages: ['client'], validity, serial }),
  ),
]

function cost(name: string, call: () => unknown): Bench {
  return { name, unit: 'ns', better: 'lower', measure: () => nanosecondsPerCall(call) }
}
