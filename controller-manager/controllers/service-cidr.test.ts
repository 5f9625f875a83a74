/** Tries that ranges of Service addresses come, and go only when nobody needs them. */
import { expect, test } from 'vitest'
import { Service } from '#api/kinds/core/service.ts'
import { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { startCluster } from '#test/cluster.ts'
import { isDispensable, serviceCidrController } from './service-cidr.ts'

const range = (name: string, ...cidrs: string[]) =>
  ({ metadata: { name }, spec: { cidrs } }) as unknown as ServiceCIDR

const mine = range('mine', '10.1.0.0/24', 'fd00::/112')
test.for<[string, ServiceCIDR[], string[], boolean]>([
  ['no address', [], [], true],
  ['an address of its own', [], ['10.1.0.7'], false],
  ['one of its second range', [], ['fd00::5'], false],
  ['one of another range', [], ['10.2.0.7'], true],
  ['one that another range has too', [range('other', '10.1.0.0/28')], ['10.1.0.7'], true],
  ['one that it does not', [range('other', '10.1.0.0/28')], ['10.1.0.77'], false],
  ['a range around it', [range('other', '10.0.0.0/8')], ['10.1.0.7'], true],
])('isDispensable(): %s', ([, others, addresses, want]) => {
  expect(isDispensable(mine, [mine, ...others], addresses)).toBe(want)
})

test('a range is ready soon, and stays as long as a Service has an address of it', async () => {
  await using cluster = await startCluster({ controllers: [serviceCidrController] })
  const { client, clock } = cluster
  await client.create(ServiceCIDR, { metadata: { name: 'more' }, spec: { cidrs: ['10.9.0.0/24'] } })
  await cluster.settle()
  const more = () => client.get(ServiceCIDR, { name: 'more' })
  const { metadata, status } = await more()
  expect(metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
  expect(status.conditions).toMatchObject([
    { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' },
  ])
  const spec = { clusterIP: '10.9.0.9', ports: [{ port: 80 }] }
  await client.create(Service, { metadata: { name: 'web' }, spec })
  await client.delete(ServiceCIDR, { name: 'more' })
  await cluster.settle()
  expect((await more()).status.conditions).toMatchObject([
    { status: 'False', reason: 'Terminating' },
  ])
  await client.delete(Service, { name: 'web' })
  await cluster.settle()
  expect(await client.find(ServiceCIDR, { name: 'more' })).toBeDefined()
  clock.jump(10_000)
  await cluster.settle()
  expect(await client.find(ServiceCIDR, { name: 'more' })).toBeUndefined()
})
