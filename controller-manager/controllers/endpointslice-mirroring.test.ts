/** Tries which slices follow from Endpoints that users fill. */
import { describe, expect, test } from 'vitest'
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { mirroringController } from './endpointslice-mirroring.ts'
import { mirrorOf, planMirror } from './endpointslice-mirroring-plan.ts'

const meta = { labels: {}, annotations: {} }
const ports = (port: number) => [{ name: '', port, protocol: 'TCP' }] as never
const wanted = (port: number, ip: string) => ({
  addressType: 'IPv4' as const,
  ports: ports(port),
  endpoints: [{ addresses: [ip], conditions: { ready: true } }] as never,
})
const existing = (name: string, port: number, ip: string, addressType = 'IPv4') =>
  ({ ...wanted(port, ip), addressType, metadata: { name, ...meta } }) as unknown as EndpointSlice

describe('planMirror()', () => {
  test.for([
    { name: 'nothing', want: [], have: [], plan: [0, [], []] },
    { name: 'a new one', want: [wanted(80, '1.1.1.1')], have: [], plan: [1, [], []] },
    {
      name: 'the same',
      want: [wanted(80, '1.1.1.1')],
      have: [existing('a', 80, '1.1.1.1')],
      plan: [0, [], []],
    },
    {
      name: 'another address',
      want: [wanted(80, '1.1.1.2')],
      have: [existing('a', 80, '1.1.1.1')],
      plan: [0, ['a'], []],
    },
    {
      name: 'other ports: an old one is used again, the rest goes',
      want: [wanted(80, '1.1.1.1'), wanted(81, '1.1.1.1')],
      have: [
        existing('a', 79, '1.1.1.1'),
        existing('b', 81, '1.1.1.1'),
        existing('c', 7, '1.1.1.1'),
      ],
      plan: [0, ['a'], ['c']],
    },
    {
      name: 'never one of another family',
      want: [wanted(80, '1.1.1.1')],
      have: [existing('a', 79, 'fd00::1', 'IPv6')],
      plan: [1, [], ['a']],
    },
  ])('$name', ({ want, have, plan }) => {
    const { create, update, remove } = planMirror(want, have, meta)
    const names = (slices: readonly EndpointSlice[]) => slices.map(({ metadata }) => metadata.name)
    expect([create.length, names(update), names(remove)]).toEqual(plan)
  })
})

test('mirrorOf(): each family and each set of ports, and no more than may be', () => {
  const subsets = [
    {
      addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1', hostname: 'h' }, { ip: 'none' }],
      notReadyAddresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.3' }, { ip: '10.0.0.4' }],
      ports: [{ port: 80 }],
    },
    { addresses: [{ ip: '10.0.0.2' }], ports: [{ port: 80 }] },
  ]
  const { slices, invalid, skipped } = mirrorOf({ subsets } as unknown as Endpoints, 4)
  expect([invalid, skipped]).toEqual([1, 1])
  expect(
    slices.map(({ addressType, endpoints }) => [
      addressType,
      ...endpoints.map((each) => `${each.addresses} ${each.conditions?.ready}`),
    ]),
  ).toEqual([
    ['IPv4', '10.0.0.1 true', '10.0.0.2 true', '10.0.0.3 false'],
    ['IPv6', 'fd00::1 true'],
  ])
})

const start = () => startCluster({ controllers: [mirroringController({ perSubsetMax: 2 })] })

async function given({ client }: Cluster, spec: object = {}, metadata: object = {}) {
  await client.create(Service, {
    metadata: { name: 'db' },
    spec: { ports: [{ port: 5432 }], ...spec },
  })
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }]
  return client.create(Endpoints, { metadata: { name: 'db', ...metadata }, subsets } as never)
}

const slices = async ({ client }: Cluster) => client.list(EndpointSlice, { namespace: 'default' })

test('Endpoints of a Service without a selector are shown, followed and taken away', async () => {
  await using cluster = await start()
  const { client } = cluster
  const annotations = {
    mine: 'yes',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  }
  const made = await given(cluster, {}, { labels: { team: 'a' }, annotations })
  await cluster.settle()
  const [slice] = (await slices(cluster)).filter(({ metadata }) => metadata.name !== 'kubernetes')
  expect(slice?.metadata).toMatchObject({
    generateName: 'db-',
    labels: {
      team: 'a',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    },
    annotations: { mine: 'yes' },
    ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }],
  })
  expect(slice?.metadata.annotations).toEqual({ mine: 'yes' })
  expect(slice?.endpoints?.[0]).toMatchObject({ addresses: ['192.0.2.1'] })
  const addresses = ['192.0.2.7', '192.0.2.8', '192.0.2.9'].map((ip) => ({ ip }))
  await client.patch(Endpoints, made, { subsets: [{ addresses, ports: [{ port: 5432 }] }] })
  await cluster.settle()
  const after = await client.get(EndpointSlice, slice!)
  expect(after.endpoints?.map((each) => each.addresses?.[0])).toEqual(['192.0.2.7', '192.0.2.8'])
  const [event] = (await client.list(Event)).filter(
    ({ involvedObject }) => involvedObject.name === 'db',
  )
  expect(event).toMatchObject({
    reason: 'TooManyAddressesToMirror',
    message:
      'A max of 2 addresses can be mirrored to EndpointSlices per Endpoints subset. 1 addresses were skipped',
  })
  await client.delete(Service, { name: 'db' })
  await cluster.settle()
  expect(await client.find(EndpointSlice, slice!)).toBeUndefined()
})

test.for([
  { name: 'a Service with a selector', spec: { selector: { app: 'db' } }, metadata: {} },
  {
    name: 'Endpoints that say so',
    spec: {},
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  },
  {
    name: 'records of leaders',
    spec: {},
    metadata: { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } },
  },
])('nothing is mirrored for $name', async ({ spec, metadata }) => {
  await using cluster = await start()
  await given(cluster, spec, metadata)
  await cluster.settle()
  expect((await slices(cluster)).map((each) => each.metadata.labels)).not.toContainEqual(
    expect.objectContaining({ 'kubernetes.io/service-name': 'db' }),
  )
})

test('a selector that comes later takes the slices away', async () => {
  await using cluster = await start()
  const { client } = cluster
  await given(cluster)
  await cluster.settle()
  await client.patch(Service, { name: 'db' }, { spec: { selector: { app: 'db' } } })
  await cluster.settle()
  const labelSelector = 'kubernetes.io/service-name=db'
  expect(await client.list(EndpointSlice, { labelSelector })).toEqual([])
})
