/** Extenders: a real HTTP server that has a say in decisions. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Binding } from '#api/kinds/core/binding.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Client } from '#client/rest.ts'
import { startSchedulingCluster } from '#test/scheduling-cluster.ts'
import { parseConfig } from './config.ts'

type Answers = Readonly<Record<string, (body: Asked) => unknown>>

interface Asked {
  readonly pod: Pod
  readonly nodenames?: readonly string[]
  readonly nodes?: { readonly items: readonly { readonly metadata: { readonly name: string } }[] }
  readonly podName?: string
  readonly node?: string
}

async function startExtender(answers: Answers) {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const verb = request.url!.slice('/ext/'.length)
    asked.push(`${verb} ${body.podName ?? body.pod.metadata.name}`)
    const answer = await answers[verb]?.(body)
    response.writeHead(answer ? 200 : 500).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ext`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, asked, [Symbol.asyncDispose]: close }
}

const configured = (extender: string) =>
  parseConfig(
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n' +
      `extenders: [{ ${extender} }]`,
  )

test('it refuses nodes, and says why', async () => {
  await using extender = await startExtender({
    filter: ({ nodes }) => ({
      nodes: { items: nodes!.items.filter(({ metadata }) => metadata.name === 'n2') },
      failedNodes: { n1: 'out of licences' },
    }),
  })
  await using cluster = await startSchedulingCluster(
    configured(`urlPrefix: "${extender.url}", filterVerb: filter`),
  )
  await cluster.addNode('n1')
  await cluster.addPod('web')
  await cluster.settle()
  expect(await cluster.eventsOf('web')).toEqual([
    'FailedScheduling: 0/1 nodes are available: 1 out of licences. preemption: ' +
      '0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  ])
  await cluster.addNode('n2')
  await cluster.settle()
  expect(await cluster.nodeOf('web')).toBe('n2')
})

test('its scores count, and it knows nodes by name if it says so', async () => {
  const names = ['n1', 'n2', 'n3']
  await using extender = await startExtender({
    prioritize: ({ nodenames }) =>
      nodenames!.map((host) => ({ host, score: host === 'n3' ? 10 : 0 })),
  })
  await using cluster = await startSchedulingCluster(
    configured(
      `urlPrefix: "${extender.url}", prioritizeVerb: prioritize, weight: 5, nodeCacheCapable: true`,
    ),
  )
  for (const name of names) await cluster.addNode(name)
  for (const name of ['a', 'b', 'c']) await cluster.addPod(name)
  await cluster.settle()
  expect(await Promise.all(['a', 'b', 'c'].map(cluster.nodeOf))).toEqual(['n3', 'n3', 'n3'])
})

test('it binds pods, and only those that ask for what it manages', async () => {
  let client: Client | undefined
  await using extender = await startExtender({
    bind: async ({ podName, node }) => {
      const metadata = { name: podName!, namespace: 'default' }
      const target = { kind: 'Node', apiVersion: 'v1', name: node! }
      await client!.createSubresource(Pod, metadata, 'binding', Binding, { metadata, target })
      return { error: '' }
    },
  })
  await using cluster = await startSchedulingCluster(
    configured(
      `urlPrefix: "${extender.url}", bindVerb: bind, ` +
        'managedResources: [{ name: example.com/seat, ignoredByScheduler: true }]',
    ),
  )
  client = cluster.client
  await cluster.addNode('n1')
  const limits = { 'example.com/seat': '1' }
  await cluster.addPod('seated', {
    containers: [{ name: 'main', image: 'image', resources: { limits } }],
  })
  await cluster.addPod('other')
  await cluster.settle()
  expect([await cluster.nodeOf('seated'), await cluster.nodeOf('other')]).toEqual(['n1', 'n1'])
  expect(extender.asked).toEqual(['bind seated'])
})

test('one that fails holds pods up, unless it may be ignored', async () => {
  await using extender = await startExtender({})
  const settings = `urlPrefix: "${extender.url}", filterVerb: filter`
  await using strict = await startSchedulingCluster(configured(settings))
  await strict.addNode('n1')
  await strict.addPod('web')
  await strict.settle()
  expect(await strict.eventsOf('web')).toEqual([
    `FailedScheduling: extender ${extender.url}: filter answered 500, wanted 200`,
  ])
  expect(strict.scheduler.isRetrying).toBe(true)
  await using lenient = await startSchedulingCluster(configured(`${settings}, ignorable: true`))
  await lenient.addNode('n1')
  await lenient.addPod('web')
  await lenient.settle()
  expect(await lenient.nodeOf('web')).toBe('n1')
})
