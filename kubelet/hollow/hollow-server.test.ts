/** Hollow nodes, asked by a real API server for logs and figures. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Pki } from '#apiserver/pki/pki.ts'
import { ManualClock, systemClock } from '#daemon/clock.ts'
import { createHealth } from '#daemon/health.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { parseOptions } from '#daemon/options.ts'
import { startTestServer, type TestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { driven } from '#test/drive-clock.ts'
import { flags } from '../flags.ts'
import type { RunParts } from '../node/open-parts.ts'
import { nodeSettings } from '../node/settings.ts'
import type { HollowNode } from './hollow-node.ts'
import { HollowRuntime } from './hollow-runtime.ts'
import { HollowServer } from './hollow-server.ts'

const clock = new ManualClock()
const stack = new AsyncDisposableStack()
let pki: Pki
let api: TestServer
let connected: Connected
let server: HollowServer
const annotations: Record<string, Readonly<Record<string, string>>> = {}

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-hollow-'))
  stack.defer(() => rm(directory, { recursive: true }))
  api = stack.use(await startTestServer({ clock }))
  connected = stack.use(connect(api.url, { clock }))
  const { client, random, log } = connected
  pki = await Pki.open({ directory, names: ['127.0.0.1'], clock: systemClock, random, log })
  const ca = join(directory, 'ca.crt')
  const given = [`--client-ca-file=${ca}`, '--address=127.0.0.1', '--node-ip=127.0.0.1']
  const { values } = parseOptions(flags, { arguments: given, environment: {} })
  const health = createHealth(clock, log)
  const parts: RunParts = { client, clock, random, log, health, metrics: createMetrics() }
  server = stack.use(new HollowServer(values, parts, nodeSettings(values)))
})

afterAll(() => stack.disposeAsync())

/** With a pod that runs, whose uid is the name of the node. */
async function startNode(nodeName: string, behaviour: Record<string, string>) {
  annotations[nodeName] = behaviour
  const { random } = connected
  const runtime = new HollowRuntime({
    ...{ clock, random, cpus: 4, memoryBytes: 2 ** 30 },
    annotationsOf: (uid) => annotations[uid] ?? {},
    nextIp: () => '10.128.0.1',
  })
  const pod = { uid: nodeName, name: 'p', namespace: 'default' }
  const sandbox = await runtime.startSandbox({ pod, attempt: 0, network: 'pod' } as never)
  const spec = { pod, name: 'main', attempt: 0, hash: '', image: 'i', imageId: 'i', labels: {} }
  await runtime.startContainer(await runtime.createContainer(sandbox, spec as never))
  const kubelet = { all: () => [], find: () => undefined }
  return { runtime, kubelet, context: { nodeName } } as unknown as HollowNode
}

async function summaryAt(port: number): Promise<{ node: Figures; pods: readonly Figures[] }> {
  const { cert, key } = pki.kubeletClient
  const path = '/stats/summary?only_cpu_and_memory=true'
  const asked = request({ port, path, cert, key, rejectUnauthorized: false, agent: false }).end()
  // The first question takes a second, in which rates are measured.
  const [answer] = await driven(clock, once(asked, 'response'))
  return (await json(answer)) as never
}

interface Figures {
  readonly cpu: { readonly time: string; readonly usageNanoCores: number }
  readonly memory: { readonly workingSetBytes: number; readonly availableBytes: number }
}

test('each node tells of its own pods, on its own port', async () => {
  const [busy, idle] = [
    await startNode('busy', {
      'hollow.nanokube.io/cpu-usage': '250m',
      'hollow.nanokube.io/memory-usage': '64Mi',
    }),
    await startNode('idle', { 'hollow.nanokube.io/cpu-usage': '1m' }),
  ]
  const ports = [await server.serve(busy), await server.serve(idle)] as const
  expect(ports[0]).not.toBe(ports[1])
  const first = await summaryAt(ports[0])
  expect(first.node.cpu.usageNanoCores).toBe(250_000_000)
  expect(first.node.memory).toMatchObject({
    workingSetBytes: 64 * 2 ** 20,
    availableBytes: 960 * 2 ** 20,
  })
  expect(first.pods[0]?.cpu.usageNanoCores).toBe(250_000_000)
  expect((await summaryAt(ports[1])).pods[0]?.cpu.usageNanoCores).toBe(1_000_000)
})

test('what a pod uses follows its annotation, and what it has used stays used', async () => {
  const node = await startNode('moody', { 'hollow.nanokube.io/cpu-usage': '1' })
  const port = await server.serve(node)
  expect((await summaryAt(port)).pods[0]?.cpu.usageNanoCores).toBe(1_000_000_000)
  annotations.moody = { 'hollow.nanokube.io/cpu-usage': '10m' }
  await node.runtime.figures()
  clock.jump(130_000)
  expect((await summaryAt(port)).pods[0]?.cpu.usageNanoCores).toBe(10_000_000)
})
