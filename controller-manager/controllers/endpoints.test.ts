/** Tries what Endpoints hold, how subsets share ports, and who keeps them up to date. */
import { describe, expect, test } from 'vitest'
import { type EndpointSubset, Endpoints } from '#api/kinds/core/endpoints.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report } from '#test/workloads.ts'
import { endpointsController } from './endpoints.ts'
import { subsetsFor, truncated } from './endpoints-plan.ts'

interface Given {
  readonly ip?: string
  readonly isReady?: boolean
  readonly isLeaving?: boolean
  readonly phase?: string
  readonly port?: number
}

const pod = (
  name: string,
  { ip, isReady = true, isLeaving, phase, port = 8080 }: Given = {},
): Pod =>
  ({
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      ...(isLeaving && { deletionTimestamp: '2030-01-01T00:00:00Z' }),
    },
    spec: {
      nodeName: 'n',
      containers: [{ ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }] }],
    },
    status: {
      phase: phase ?? 'Running',
      podIP: ip ?? `10.0.0.${name.charCodeAt(0)}`,
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    },
  }) as unknown as Pod

const service = (spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP: '10.96.0.9',
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
      ...spec,
    },
  }) as unknown as Service

const told = (subsets: readonly EndpointSubset[]): string[] =>
  subsets.map(({ addresses, notReadyAddresses, ports }) => {
    const ips = (list: EndpointSubset['addresses']) => (list ?? []).map(({ ip }) => ip).join()
    const numbers = (ports ?? []).map(({ name, port }) => `${name ?? ''}:${port}`).join()
    return `${ips(addresses)} | ${ips(notReadyAddresses)} | ${numbers}`
  })

const a = pod('a')
const twoPorts = [
  { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
  { name: 'metrics', port: 9000, protocol: 'TCP' },
]
describe('subsetsFor()', () => {
  test.for<{ name: string; spec?: object; pods: Pod[]; want: string[] }>([
    { name: 'nothing', pods: [], want: [] },
    {
      name: 'in the order of addresses',
      pods: [pod('c'), a, pod('b', { isReady: false })],
      want: ['10.0.0.97,10.0.0.99 | 10.0.0.98 | http:8080'],
    },
    {
      name: 'other numbers are other subsets',
      pods: [a, pod('b', { port: 8081 })],
      want: ['10.0.0.97 |  | http:8080', '10.0.0.98 |  | http:8081'],
    },
    {
      name: 'ports of the same pods share one',
      spec: { ports: twoPorts },
      pods: [a, pod('b')],
      want: ['10.0.0.97,10.0.0.98 |  | http:8080,metrics:9000'],
    },
    {
      name: 'what all have, and what some have',
      spec: { ports: twoPorts },
      pods: [a, pod('b', { port: 8081 })],
      want: [
        '10.0.0.97,10.0.0.98 |  | metrics:9000',
        '10.0.0.97 |  | http:8080',
        '10.0.0.98 |  | http:8081',
      ],
    },
    {
      name: 'neither those that have ended nor those that go',
      pods: [pod('b', { phase: 'Failed' }), pod('c', { isLeaving: true }), a],
      want: ['10.0.0.97 |  | http:8080'],
    },
    {
      name: 'all that there are, where it does not matter',
      spec: { publishNotReadyAddresses: true },
      pods: [pod('b', { isReady: false }), pod('c', { isLeaving: true })],
      want: ['10.0.0.98,10.0.0.99 |  | http:8080'],
    },
    {
      name: 'without ports and balancer',
      spec: { clusterIP: 'None', ports: [] },
      pods: [a],
      want: ['10.0.0.97 |  | '],
    },
    { name: 'without ports', spec: { ports: [] }, pods: [a], want: [] },
    {
      name: 'of one family',
      spec: { ipFamilies: ['IPv6', 'IPv4'] },
      pods: [a, pod('b', { ip: 'fd00::b' })],
      want: ['fd00::b |  | http:8080'],
    },
  ])('$name', ({ spec, pods, want }) => {
    expect(told(subsetsFor(service(spec), pods)).toSorted()).toEqual(want.toSorted())
  })
})

const many = (count: number) => Array.from({ length: count }, (_, ip) => ({ ip: String(ip) }))
const sized = (ready: number, notReady: number) =>
  ({ addresses: many(ready), notReadyAddresses: many(notReady) }) as EndpointSubset

test.for([
  { name: 'all fit', given: [[3, 2]], want: [[3, 2]] },
  { name: 'ready ones first', given: [[8, 5]], want: [[8, 2]] },
  { name: 'no room for others', given: [[12, 5]], want: [[10, 0]] },
  {
    name: 'each subset its part',
    given: [
      [15, 0],
      [5, 4],
    ],
    want: [
      [8, 0],
      [2, 0],
    ],
  },
  {
    name: 'a part of those that are not ready',
    given: [
      [2, 10],
      [2, 5],
    ],
    want: [
      [2, 4],
      [2, 2],
    ],
  },
])('truncated(): $name', ({ given, want }) => {
  const cut = truncated(
    given.map(([ready, notReady]) => sized(ready!, notReady!)),
    10,
  )
  const counts = cut.map((each) => [
    each.addresses?.length ?? 0,
    each.notReadyAddresses?.length ?? 0,
  ])
  expect(counts).toEqual(want)
})

const start = () => startCluster({ controllers: [endpointsController] })
const metadata = { name: 'web', labels: { team: 'a' } }
const selector = { app: 'web' }

async function runPod(cluster: Cluster, name: string, ip: string, isReady = true): Promise<Pod> {
  const { client } = cluster
  const spec = { nodeName: 'n', containers: [{ name: 'main', image: 'i' }] }
  const made = await client.create(Pod, { metadata: { name, labels: selector }, spec })
  await report(cluster, made, { isReady })
  const patch = { status: { podIP: ip, podIPs: [{ ip }] } }
  return client.patch(Pod, made, patch, { type: 'strategic', subresource: 'status' })
}

const found = ({ client }: Cluster) => client.get(Endpoints, { name: 'web' })
const shown = async (cluster: Cluster) =>
  told(((await found(cluster)).subsets ?? []) as EndpointSubset[])

test('the pods of a Service come and go', async () => {
  await using cluster = await start()
  const { client } = cluster
  await client.create(Service, { metadata, spec: { selector, ports: [{ port: 80 }] } })
  await cluster.settle()
  const empty = await found(cluster)
  expect(empty.subsets ?? []).toEqual([])
  expect(empty.metadata.labels).toEqual({
    team: 'a',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  })
  const made = await runPod(cluster, 'one', '10.0.0.1')
  await runPod(cluster, 'two', '10.0.0.2', false)
  await cluster.settle()
  expect(await shown(cluster)).toEqual(['10.0.0.1 | 10.0.0.2 | :80'])
  const { annotations } = (await found(cluster)).metadata
  expect(annotations?.['endpoints.kubernetes.io/last-change-trigger-time']).toBe(
    '2030-01-01T00:00:00Z',
  )
  await client.delete(Pod, made, { gracePeriodSeconds: 0 })
  await cluster.settle()
  expect(await shown(cluster)).toEqual([' | 10.0.0.2 | :80'])
  expect(cluster.logged).toEqual([])
})

test('what somebody changes or deletes is put right, and goes with the Service', async () => {
  await using cluster = await start()
  const { client } = cluster
  const spec = { selector, clusterIP: 'None', ports: [{ port: 80 }] }
  const made = await client.create(Service, { metadata, spec } as never)
  await runPod(cluster, 'one', '10.0.0.1')
  await cluster.settle()
  const wanted = await shown(cluster)
  const { labels } = (await found(cluster)).metadata
  expect(labels?.['service.kubernetes.io/headless']).toBe('')
  await client.patch(Endpoints, { name: 'web' }, { subsets: null })
  await cluster.settle()
  expect(await shown(cluster)).toEqual(wanted)
  await client.delete(Endpoints, { name: 'web' })
  await cluster.settle()
  expect(await shown(cluster)).toEqual(wanted)
  await client.delete(Service, made)
  await cluster.settle()
  expect(await client.find(Endpoints, { name: 'web' })).toBeUndefined()
})

test('what users fill is left alone, before there is a Service and after', async () => {
  await using cluster = await start()
  const { client } = cluster
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }]
  await client.create(Endpoints, { metadata: { name: 'web' }, subsets } as never)
  await cluster.settle()
  await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } })
  await cluster.settle()
  expect(await shown(cluster)).toEqual(['192.0.2.1 |  | :80'])
})

test('more than a thousand are cut, and it is said', async () => {
  const pods = Array.from({ length: 1200 }, (_, index) =>
    pod(`p${index}`, { ip: `10.1.${Math.floor(index / 200)}.${(index % 200) + 1}` }),
  )
  const whole = subsetsFor(service(), pods)
  const cut = truncated(whole)
  expect(cut[0]?.addresses).toHaveLength(1000)
  expect(truncated(cut)).toBe(cut)
})
