/** Real packets between namespaces: who is reached through a Service, and whom they see asking. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { Service } from '#api/kinds/core/service.ts'
import { type ProxiedCluster, startProxiedCluster } from '#test/proxied-cluster.ts'

let cluster: ProxiedCluster
const pod = (node: number, name: string) => cluster.nodes[node]!.pods.get(name)!
const node = (index: number) => cluster.nodes[index]!.space

beforeAll(async () => {
  cluster = await startProxiedCluster()
  for (const index of [1, 2, 3]) await cluster.addNode(index)
  await cluster.addPod(1, 'a1', 11)
  await cluster.addPod(1, 'b1', 12)
  await cluster.addPod(2, 'a2', 11)
  await cluster.addPod(3, 'c3', 11, [
    { containerPort: 8080, hostPort: 9080 },
    { containerPort: 8080, hostPort: 9080, protocol: 'UDP' },
  ])
  const ports = [{ port: 80, targetPort: 8080 }]
  await cluster.service('web', {
    clusterIP: '10.96.0.20',
    type: 'NodePort',
    ports: [{ ...ports[0]!, nodePort: 30080 }],
  })
  await cluster.endpoints('web', ['n2/a2'])
  await cluster.service('self', { clusterIP: '10.96.0.21', ports })
  await cluster.endpoints('self', ['n1/a1'])
  await cluster.service('empty', {
    clusterIP: '10.96.0.22',
    type: 'NodePort',
    ports: [{ ...ports[0]!, nodePort: 30083 }],
  })
  await cluster.service('local', {
    clusterIP: '10.96.0.23',
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [{ ...ports[0]!, nodePort: 30082 }],
  })
  await cluster.endpoints('local', ['n2/a2'])
  await cluster.service('dns', {
    clusterIP: '10.96.0.24',
    type: 'NodePort',
    ports: [{ ...ports[0]!, protocol: 'UDP', nodePort: 30053 }],
  })
  await cluster.endpoints('dns', ['n2/a2'], { protocol: 'UDP' })
  await cluster.settle()
}, 120_000)

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
})

describe('between pods', () => {
  test('on the same and on another node the client keeps its address', async () => {
    expect(await pod(1, 'a1').space.ask('10.244.1.12', 8080)).toBe('b1 10.244.1.11')
    expect(await pod(1, 'a1').space.ask('10.244.2.11', 8080)).toBe('a2 10.244.1.11')
  })
  test('through a ClusterIP too', async () => {
    expect(await pod(1, 'a1').space.ask('10.96.0.20', 80)).toBe('a2 10.244.1.11')
    expect(await pod(1, 'b1').space.ask('10.96.0.21', 80)).toBe('a1 10.244.1.12')
  })
  test('a pod that reaches itself through its Service sees its node ask', async () => {
    expect(await pod(1, 'a1').space.ask('10.96.0.21', 80)).toBe('a1 10.244.1.1')
  })
})

test('a node reaches pods and Services from its address on the way there', async () => {
  expect(await node(1).ask('10.244.2.11', 8080)).toBe('a2 172.28.0.11')
  expect(await node(1).ask('10.96.0.20', 80)).toBe('a2 172.28.0.11')
  expect(await node(1).ask('10.96.0.21', 80)).toBe('a1 10.244.1.1')
})

describe('from outside', () => {
  test('a NodePort works at every node, which asks in place of the client', async () => {
    const { outside } = cluster.lan
    expect(await outside.ask('172.28.0.12', 30080)).toBe('a2 10.244.2.1')
    expect(await outside.ask('172.28.0.11', 30080)).toBe('a2 172.28.0.11')
  })
  test('with the policy Local the client keeps its address', async () => {
    expect(await cluster.lan.outside.ask('172.28.0.12', 30082)).toBe('a2 172.28.0.1')
  })
  test('and a node without an endpoint refuses at once', async () => {
    const { outside } = cluster.lan
    const { error, tookMs } = await outside.do({ action: 'ask', host: '172.28.0.11', port: 30082 })
    expect(error).toBe('ECONNREFUSED')
    expect(tookMs).toBeLessThan(200)
  })
  test('but pods and the node itself reach every endpoint', async () => {
    expect(await pod(1, 'a1').space.ask('172.28.0.11', 30082)).toBe('a2 10.244.1.11')
    expect(await node(1).ask('172.28.0.11', 30082)).toBe('a2 172.28.0.11')
  })
})

describe('host ports', () => {
  test('from outside, nodes and pods: the client keeps its address', async () => {
    expect(await cluster.lan.outside.ask('172.28.0.13', 9080)).toBe('c3 172.28.0.1')
    expect(await node(1).ask('172.28.0.13', 9080)).toBe('c3 172.28.0.11')
    expect(await node(3).ask('172.28.0.13', 9080)).toBe('c3 172.28.0.13')
    expect(await pod(3, 'c3').space.ask('172.28.0.13', 9080)).toBe('c3 10.244.3.1')
  })
  test('UDP as well', async () => {
    const udp = { protocol: 'udp' } as const
    expect(await cluster.lan.outside.ask('172.28.0.13', 9080, udp)).toBe('c3 172.28.0.1')
  })
})

test('UDP: a ClusterIP and a NodePort', async () => {
  const udp = { protocol: 'udp' } as const
  expect(await pod(1, 'a1').space.ask('10.96.0.24', 80, udp)).toBe('a2 10.244.1.11')
  expect(await node(1).ask('10.96.0.24', 80, udp)).toBe('a2 172.28.0.11')
  expect(await cluster.lan.outside.ask('172.28.0.11', 30053, udp)).toBe('a2 172.28.0.11')
})

describe('what leads nowhere is refused at once', () => {
  test.for([
    ['a Service without endpoints', '10.96.0.22', 80],
    ['its NodePort', '172.28.0.12', 30083],
    ['a port that the Service does not have', '10.96.0.20', 81],
    ['an address that no Service has', '10.96.200.1', 80],
  ] as const)('%s', async ([, host, port]) => {
    for (const from of [pod(1, 'a1').space, node(1)]) {
      const { error, tookMs } = await from.do({ action: 'ask', host, port })
      expect(error).toBe('ECONNREFUSED')
      expect(tookMs).toBeLessThan(200)
    }
  })
})

test('a pod that asks somebody outside appears as its node', async () => {
  await cluster.lan.outside.serve(7000, 'outside')
  expect(await pod(1, 'a1').space.ask('172.28.0.1', 7000)).toBe('outside 172.28.0.11')
})

/** Which nodes have an address on their link. */
const holders = (address: string): number[] =>
  [1, 2, 3].filter((index) => node(index).exec('ip', '-4', 'addr').includes(`${address}/32`))

test('the address of a balancer, for those in its source ranges, on one node at a time', async () => {
  await cluster.service('balanced', {
    clusterIP: '10.96.0.25',
    type: 'LoadBalancer',
    loadBalancerSourceRanges: ['172.28.0.1/32', '10.244.1.11/32'],
    ports: [{ port: 80, targetPort: 8080 }],
  })
  await cluster.endpoints('balanced', ['n1/a1', 'n2/a2'])
  const status = { loadBalancer: { ingress: [{ ip: '172.28.0.200' }] } }
  await cluster.client.patch(Service, { name: 'balanced' }, { status }, { subresource: 'status' })
  await cluster.settle()
  const names = (seen: object): string[] =>
    [...new Set(Object.keys(seen).map((answer) => answer.split(' ')[0]!))].sort()
  const { seen } = await cluster.lan.outside.flood('172.28.0.200', 80, 40)
  expect(names(seen)).toEqual(['a1', 'a2'])
  const [holder = 0, ...others] = holders('172.28.0.200')
  expect(others).toEqual([])
  expect(await pod(1, 'a1').space.ask('172.28.0.200', 80)).toMatch(/^a[12] /)
  expect(await pod(1, 'b1').space.ask('172.28.0.200', 80, { timeoutMs: 300 })).toBe('timeout')

  const is = async (ready: 'True' | 'False'): Promise<void> => {
    const conditions = [{ type: 'Ready', status: ready }]
    const patch = { status: { conditions } }
    await cluster.client.patch(Node, { name: `n${holder}` }, patch, { subresource: 'status' })
    await cluster.settle()
  }
  await is('False')
  expect(holders('172.28.0.200')).toHaveLength(1)
  expect(holders('172.28.0.200')).not.toContain(holder)
  expect(names((await cluster.lan.outside.flood('172.28.0.200', 80, 40)).seen)).toEqual([
    'a1',
    'a2',
  ])
  await is('True')
  expect(holders('172.28.0.200')).toEqual([holder])
  await cluster.client.delete(Service, { name: 'balanced' })
  await cluster.settle()
  expect(holders('172.28.0.200')).toEqual([])
})

test('an external address is balanced wherever it is asked for', async () => {
  await cluster.service('external', {
    clusterIP: '10.96.0.26',
    externalIPs: ['172.28.0.13'],
    ports: [{ port: 8443, targetPort: 8080 }],
  })
  await cluster.endpoints('external', ['n1/a1'])
  await cluster.settle()
  expect(await cluster.lan.outside.ask('172.28.0.13', 8443)).toBe('a1 172.28.0.13')
  expect(await pod(2, 'a2').space.ask('172.28.0.13', 8443)).toMatch(/^a1 172\.28\.0\.12$/)
})

test('clients stick to their endpoint, also across a restart of the proxy', async () => {
  const spec = { sessionAffinity: 'ClientIP' as const, ports: [{ port: 80, targetPort: 8080 }] }
  await cluster.service('sticky', { clusterIP: '10.96.0.27', ...spec })
  await cluster.endpoints('sticky', ['n1/a1', 'n1/b1', 'n2/a2', 'n3/c3'])
  await cluster.settle()
  const first = await pod(2, 'a2').space.ask('10.96.0.27', 80)
  const again = await pod(2, 'a2').space.flood('10.96.0.27', 80, 20)
  expect(again.seen).toEqual({ [first]: 20 })
  await cluster.stopProxy(2)
  await cluster.startProxy(2)
  const later = await pod(2, 'a2').space.flood('10.96.0.27', 80, 20)
  expect(later.seen).toEqual({ [first]: 20 })
  const remaining = ['n1/a1', 'n1/b1', 'n2/a2', 'n3/c3'].filter(
    (each) => !first.startsWith(each.slice(3)),
  )
  await cluster.endpoints('sticky', remaining)
  await cluster.settle()
  const moved = await pod(2, 'a2').space.flood('10.96.0.27', 80, 20)
  expect(Object.keys(moved.seen)).toHaveLength(1)
  expect(Object.keys(moved.seen)[0]).not.toBe(first)
})

test('inside the cluster, the policy Local stays on the node', async () => {
  const ports = [{ port: 80, targetPort: 8080 }]
  await cluster.service('near', { clusterIP: '10.96.0.28', internalTrafficPolicy: 'Local', ports })
  await cluster.endpoints('near', ['n1/a1', 'n2/a2'])
  await cluster.settle()
  const { seen } = await pod(1, 'b1').space.flood('10.96.0.28', 80, 20)
  expect(seen).toEqual({ 'a1 10.244.1.12': 20 })
  expect(await node(3).ask('10.96.0.28', 80)).toBe('ECONNREFUSED')
})

test('terminating endpoints serve when there are no others', async () => {
  const ports = [{ port: 80, targetPort: 8080 }]
  await cluster.service('last', { clusterIP: '10.96.0.29', ports })
  const terminating = { conditions: { ready: false, serving: true, terminating: true } }
  await cluster.endpoints('last', ['n2/a2'], terminating)
  await cluster.settle()
  expect(await pod(1, 'a1').space.ask('10.96.0.29', 80)).toBe('a2 10.244.1.11')
})

test('endpoints change under traffic without a failed connection', async () => {
  const ports = [{ port: 80, targetPort: 8080 }]
  await cluster.service('rolling', { clusterIP: '10.96.0.30', ports })
  await cluster.endpoints('rolling', ['n1/a1', 'n2/a2'])
  await cluster.settle()
  const traffic = pod(1, 'b1').space.flood('10.96.0.30', 80, 1500)
  for (const pods of [['n2/a2'], ['n3/c3', 'n2/a2'], ['n3/c3'], ['n1/a1', 'n3/c3'], ['n1/a1']]) {
    await cluster.endpoints('rolling', pods)
    await cluster.settle()
  }
  const { seen } = await traffic
  for (const answer of Object.keys(seen)) expect(answer).toMatch(/^(a1|a2|c3) 10\.244\.1\.12$/)
  expect((await pod(1, 'b1').space.flood('10.96.0.30', 80, 10)).seen).toEqual({
    'a1 10.244.1.12': 10,
  })
})

test('UDP clients leave an endpoint that is gone, although they keep their port', async () => {
  const udp = { protocol: 'udp', localPort: 5353 } as const
  const ports = [{ port: 53, targetPort: 8080, protocol: 'UDP' as const, nodePort: 30054 }]
  await cluster.service('moved', { clusterIP: '10.96.0.31', type: 'NodePort', ports })
  await cluster.endpoints('moved', ['n2/a2'], { protocol: 'UDP' })
  await cluster.settle()
  const { outside } = cluster.lan
  expect(await pod(1, 'a1').space.ask('10.96.0.31', 53, udp)).toBe('a2 10.244.1.11')
  expect(await outside.ask('172.28.0.11', 30054, udp)).toBe('a2 172.28.0.11')
  await cluster.endpoints('moved', ['n3/c3'], { protocol: 'UDP' })
  await cluster.settle()
  expect(await pod(1, 'a1').space.ask('10.96.0.31', 53, udp)).toBe('c3 10.244.1.11')
  expect(await outside.ask('172.28.0.11', 30054, udp)).toBe('c3 172.28.0.11')
})

test('a restart keeps open connections, and what changed meanwhile is made up for', async () => {
  const { space } = pod(1, 'a1')
  const holding = { action: 'hold', host: '10.96.0.20', port: 80, name: 'kept' } as const
  expect((await space.do(holding)).text).toBe('a2 10.244.1.11')
  await cluster.stopProxy(1)
  expect(await space.ask('10.96.0.20', 80)).toBe('a2 10.244.1.11')
  await cluster.endpoints('web', ['n3/c3'])
  await cluster.client.delete(Service, { name: 'last' })
  await cluster.startProxy(1)
  await cluster.settle()
  expect(await space.ask('10.96.0.20', 80)).toBe('c3 10.244.1.11')
  expect(await space.ask('10.96.0.29', 80)).toBe('ECONNREFUSED')
  expect((await space.do({ action: 'say', name: 'kept' })).text).toBe('a2 got hello')
  await cluster.endpoints('web', ['n2/a2'])
  await cluster.settle()
})

test('a stranger who flushes everything is made up for, and connections stay open', async () => {
  const { space } = pod(1, 'a1')
  const holding = { action: 'hold', host: '10.96.0.20', port: 80, name: 'flushed' } as const
  expect((await space.do(holding)).text).toBe('a2 10.244.1.11')
  for (const what of [
    ['flush', 'ruleset'],
    ['flush', 'table', 'ip', 'kube-proxy'],
    ['delete', 'table', 'ip', 'kube-proxy'],
  ]) {
    node(1).exec('nft', ...what)
    await expect
      .poll(() => space.ask('10.96.0.20', 80, { timeoutMs: 200 }), { timeout: 10_000 })
      .toBe('a2 10.244.1.11')
    await cluster.settle()
    expect(await space.ask('10.96.0.21', 80)).toBe('a1 10.244.1.1')
  }
  expect((await space.do({ action: 'say', name: 'flushed' })).text).toBe('a2 got hello')
})

test('nothing went wrong but what the stranger did', () => {
  const other = cluster.logged.filter((line) => !line.startsWith('somebody else changed'))
  expect(other).toEqual([])
})

test('tables of others are left alone', async () => {
  node(3).exec('nft', 'add table ip other { chain kept { counter; }; }')
  await cluster.stopProxy(3)
  await cluster.startProxy(3)
  expect(node(3).exec('nft', 'list', 'table', 'ip', 'other')).toContain('counter')
})
