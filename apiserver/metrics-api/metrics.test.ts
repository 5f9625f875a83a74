/** metrics.k8s.io over HTTP: figures of kubelets as objects, lists and tables. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer, type TestServer } from '#test/api-server.ts'
import { createNode, createRunningPod } from '#test/pods-on-node.ts'

const clock = new ManualClock()
let server: TestServer
let kubelet: Server
let asked: string[]
let seconds = 0

/** Uids by the name of the pod: the kubelet knows its pods. */
const uids = new Map<string, string>()

function summary(): object {
  const time = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
  const figures = (nanoCores: number, bytes: number) => ({
    cpu: { time, usageCoreNanoSeconds: nanoCores * seconds, usageNanoCores: nanoCores + 1 },
    memory: { time, workingSetBytes: bytes },
  })
  return {
    node: { nodeName: 'n1', ...figures(1_500_000_000, 2048 * 1024) },
    pods: Array.from(uids, ([name, uid]) => ({
      podRef: { name, namespace: 'default', uid },
      containers: [{ name: 'main', ...figures(250_000_000, 1024 * 1000) }],
    })),
  }
}

beforeAll(async () => {
  asked = []
  kubelet = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(JSON.stringify(summary()))
  })
  await once(kubelet.listen(0, '127.0.0.1'), 'listening')
  server = await startTestServer({ clock, settings: { kubelets: { isPlaintext: true } } })
  const { port } = kubelet.address() as AddressInfo
  await createNode(server.url, 'n1', port)
  await createNode(server.url, 'down', 1)
  for (const name of ['p', 'q']) await createRunningPod(server.url, { name, node: 'n1' })
  await createRunningPod(server.url, { name: 'lost', node: 'down' })
  await createRunningPod(server.url, { name: 'pending' })
  for (const name of ['p', 'q']) {
    const { metadata } = await read(`/api/v1/namespaces/default/pods/${name}`)
    uids.set(name, metadata.uid)
  }
})

afterAll(async () => {
  kubelet.close()
  await server[Symbol.asyncDispose]()
})

const root = '/apis/metrics.k8s.io/v1beta1'
const pods = `${root}/namespaces/default/pods`

async function read(path: string, accept = 'application/json') {
  const answer = await fetch(`${server.url}${path}`, { headers: { accept } })
  return JSON.parse(await answer.text())
}

const namesIn = ({ items }: { items: { metadata: { name: string } }[] }): readonly string[] =>
  items.map(({ metadata }) => metadata.name)

/** Far enough for kubelets to be asked again. */
function later(): void {
  seconds += 30
  clock.jump(30_000)
}

test('the group is there to be found', async () => {
  const { resources } = await read(root)
  expect(
    resources.map(({ name, kind }: { name: string; kind: string }) => `${name} ${kind}`),
  ).toEqual(['nodes NodeMetrics', 'pods PodMetrics'])
})

test('the first answer has the rates of the kubelet, the next ones those in between', async () => {
  later()
  const first = await read(`${pods}/p`)
  expect(first).toMatchObject({
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name: 'p', namespace: 'default', labels: { app: 'p' } },
    timestamp: '2026-01-01T00:00:30Z',
    window: '1s',
    containers: [{ name: 'main', usage: { cpu: '250000001n', memory: '1000Ki' } }],
  })
  later()
  expect(await read(`${pods}/p`)).toMatchObject({
    window: '30s',
    containers: [{ name: 'main', usage: { cpu: '250000000n', memory: '1000Ki' } }],
  })
})

test('nodes that answer are listed, others are left out and named in the log', async () => {
  later()
  const list = await read(`${root}/nodes`)
  expect(list.kind).toBe('NodeMetricsList')
  expect(namesIn(list)).toEqual(['n1'])
  expect(list.items[0].usage).toEqual({ cpu: '1500000000n', memory: '2Mi' })
  expect(server.logged.join()).toContain('figures of a node not read')
})

test('pods that run and are measured are listed, by labels too', async () => {
  expect(namesIn(await read(pods))).toEqual(['p', 'q'])
  expect(namesIn(await read(`${root}/pods`))).toEqual(['p', 'q'])
  expect(namesIn(await read(`${pods}?labelSelector=app%3Dq`))).toEqual(['q'])
  expect(namesIn(await read(`${pods}?fieldSelector=metadata.name%3Dq`))).toEqual(['q'])
  expect(namesIn(await read(`${root}/namespaces/other/pods`))).toEqual([])
})

test('a kubelet is asked once for many questions', async () => {
  later()
  asked.length = 0
  await Promise.all([read(pods), read(pods), read(`${root}/nodes/n1`)])
  expect(asked).toEqual(['/stats/summary?only_cpu_and_memory=true'])
})

test('tables have the columns of metrics-server', async () => {
  const table = await read(pods, 'application/json;as=Table;g=meta.k8s.io;v=v1')
  expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
    'Name',
    'cpu',
    'memory',
    'Window',
  ])
  expect(table.rows[0].cells.slice(0, 3)).toEqual(['p', '250m', '1000Ki'])
})

test.for([
  { path: `${pods}/none`, message: 'pods "none" not found' },
  { path: `${pods}/lost`, message: 'podmetrics.metrics.k8s.io "default/lost" not found' },
  { path: `${pods}/pending`, message: 'podmetrics.metrics.k8s.io "default/pending" not found' },
  { path: `${root}/nodes/none`, message: 'nodes "none" not found' },
  { path: `${root}/nodes/down`, message: 'nodemetrics.metrics.k8s.io "down" not found' },
])('$path is not found', async ({ path, message }) => {
  expect(await read(path)).toMatchObject({ code: 404, message })
})
