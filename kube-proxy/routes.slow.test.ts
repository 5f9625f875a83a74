/** Real packets between the pods of different nodes: by plain routes, and through a tunnel. */
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { startProxiedCluster } from '#test/proxied-cluster.ts'

/** Routes of the node to pods of others, as `destination via address`. */
function routesOf(space: { exec(program: string, ...given: string[]): string }): string[] {
  const shown = JSON.parse(space.exec('ip', '-j', 'route', 'show', 'proto', '120')) as {
    type?: string
    dst: string
    gateway?: string
    dev?: string
  }[]
  return shown.map(({ type, dst, gateway, dev }) =>
    gateway ? `${dst} via ${gateway} ${dev}` : `${type} ${dst}`,
  )
}

test('nodes come, move and go, and a link that was down', async () => {
  await using cluster = await startProxiedCluster()
  const [one, two] = [await cluster.addNode(1), await cluster.addNode(2)]
  const a1 = await cluster.addPod(1, 'a1', 11)
  await cluster.addPod(2, 'a2', 11)
  await cluster.settle()
  const wanted = ['unreachable 10.244.1.0/24', '10.244.2.0/24 via 172.28.0.12 eth0']
  expect(routesOf(one.space)).toEqual(wanted)
  expect(await a1.space.ask('10.244.2.11', 8080)).toBe('a2 10.244.1.11')

  // A pod that is gone is found out at once, and not by silence.
  const { error, tookMs } = await a1.space.do({ action: 'ask', host: '10.244.1.99', port: 8080 })
  expect(error).toBe('EHOSTUNREACH')
  expect(tookMs).toBeLessThan(500)

  for (const state of ['down', 'up']) one.space.exec('ip', 'link', 'set', 'eth0', state)
  await expect.poll(() => routesOf(one.space), { timeout: 10_000 }).toEqual(wanted)
  expect(await a1.space.ask('10.244.2.11', 8080)).toBe('a2 10.244.1.11')

  two.space.exec('ip', 'addr', 'add', '172.28.0.52/24', 'dev', 'eth0')
  const status = { addresses: [{ type: 'InternalIP', address: '172.28.0.52' }] }
  await cluster.client.patch(Node, { name: 'n2' }, { status }, { subresource: 'status' })
  await cluster.settle()
  expect(routesOf(one.space)[1]).toBe('10.244.2.0/24 via 172.28.0.52 eth0')
  expect(await a1.space.ask('10.244.2.11', 8080)).toBe('a2 10.244.1.11')

  await cluster.client.delete(Node, { name: 'n2' })
  await cluster.settle()
  expect(routesOf(one.space)).toEqual(['unreachable 10.244.1.0/24'])
  expect(cluster.logged).toEqual([])
})

test('a tunnel to nodes on other links, and back to plain routes', async () => {
  await using cluster = await startProxiedCluster()
  const near = await cluster.addNode(1)
  await cluster.addNode(2)
  const far = await cluster.addFarNode(4)
  const a1 = await cluster.addPod(1, 'a1', 11)
  const a4 = await cluster.addPod(4, 'a4', 11)
  await cluster.service('far', {
    clusterIP: '10.96.0.20',
    type: 'NodePort',
    ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }],
  })
  await cluster.endpoints('far', ['n4/a4'])
  await cluster.settle()
  expect(routesOf(near.space)).toEqual([
    'unreachable 10.244.1.0/24',
    '10.244.2.0/24 via 172.28.0.12 eth0',
    '10.244.4.0/24 via 10.244.4.0 nanokube-vxlan',
  ])
  expect(await a1.space.ask('10.244.4.11', 8080)).toBe('a4 10.244.1.11')
  expect(await a4.space.ask('10.244.1.11', 8080)).toBe('a1 10.244.4.11')
  expect(await a1.space.ask('10.96.0.20', 80)).toBe('a4 10.244.1.11')
  expect(await near.space.ask('10.96.0.20', 80)).toBe('a4 10.244.1.0')
  expect(await cluster.lan.outside.ask('172.28.0.11', 30_080)).toBe('a4 10.244.1.0')

  await cluster.stopProxy(1)
  await cluster.startProxy(1)
  expect(await a1.space.ask('10.244.4.11', 8080)).toBe('a4 10.244.1.11')

  await cluster.stopProxy(4)
  await cluster.client.delete(Node, { name: 'n4' })
  await cluster.settle()
  expect(routesOf(near.space)).toHaveLength(2)
  expect(near.space.exec('ip', 'link', 'show')).not.toContain('nanokube-vxlan')
  expect(far.space.exec('ip', 'route')).toContain('192.168.4.0/24')
  expect(cluster.logged).toEqual([])
})

test('the tunnel between nodes of one link, when it is wanted', async () => {
  await using cluster = await startProxiedCluster()
  for (const index of [1, 2, 3]) await cluster.addNode(index, 'vxlan')
  const a1 = await cluster.addPod(1, 'a1', 11)
  await cluster.addPod(2, 'a2', 11)
  await cluster.addPod(3, 'a3', 11)
  await cluster.settle()
  expect(await a1.space.ask('10.244.2.11', 8080)).toBe('a2 10.244.1.11')
  expect(await a1.space.ask('10.244.3.11', 8080)).toBe('a3 10.244.1.11')
})
