/** Nodes, pods and Services that come and go while connections break and controllers die. */
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import { parsePool } from '#cloud-controller-manager/address-pool.ts'
import { localProvider } from '#cloud-controller-manager/providers/local.ts'
import { serviceController } from '#cloud-controller-manager/service-controller.ts'
import { endpointsController } from '#controller-manager/controllers/endpoints.ts'
import { nodeIpamController } from '#controller-manager/controllers/node-ipam.ts'
import { blockRanges } from '#controller-manager/controllers/node-ipam-ranges.ts'
import { nodeLifecycleController } from '#controller-manager/controllers/node-lifecycle.ts'
import { usualRates } from '#controller-manager/controllers/node-zones.ts'
import { podGcController } from '#controller-manager/controllers/pod-gc.ts'
import { taintEvictionController } from '#controller-manager/controllers/taint-eviction.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { startTestServer } from './api-server.ts'
import { connect } from './connect.ts'
import { startCuttingProxy } from './cutting-proxy.ts'
import { fuzz } from './fuzz.ts'
import { beginControllers, ifThere, type Life, type Surroundings } from './killable-controllers.ts'

const { seed: FIRST_SEED, numRuns: SEEDS } = fuzz(6)
const STEPS = 20
/** Long enough for the quarantine of orphans after the last disturbance. */
const ROUNDS_MAX = 200
const STEP_MS = 1000
const TURNS_A_STEP = 8
const GRACE_MS = 15_000
const selector = { app: 'web' }
const SERVICES = ['web', 'other', 'third']

interface Scene extends Surroundings {
  readonly random: Random
  /** By name: whether its kubelet reports. */
  readonly nodes: Map<string, boolean>
  pods: number
}

const begin = (scene: Scene): Promise<Life> => {
  const rates = { ...usualRates, usualRate: 10 }
  const times = { monitorGraceMs: GRACE_MS, startupGraceMs: GRACE_MS, monitorPeriodMs: 5000 }
  const ranges = blockRanges({ clusterCidrs: ['10.244.0.0/20'] })
  const pool = parsePool(['192.0.2.1-192.0.2.3'])
  const { balancers } = localProvider({ pool, zones: new Map(), region: undefined })
  return beginControllers(
    [
      nodeLifecycleController({ ...times, rates }),
      nodeIpamController({ ranges, serviceCidrs: [] }),
      podGcController({ terminatedPodsMax: 100 }),
      taintEvictionController(),
      endpointsController,
      serviceController(balancers!),
    ],
    scene,
  )
}

/** Time passes, and who is alive says so. */
async function step(scene: Scene): Promise<void> {
  const { client, clock, nodes } = scene
  clock.jump(STEP_MS)
  for (const [name, isAlive] of nodes) {
    if (!isAlive) continue
    const lastHeartbeatTime = epochToTime(Math.floor(clock.now() / 1000))
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime }]
    const patch = { status: { conditions } }
    await client.patch(Node, { name }, patch, { type: 'strategic', subresource: 'status' })
  }
  for (let turn = 0; turn < TURNS_A_STEP; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function addPod(scene: Scene): Promise<void> {
  const { client, random, nodes } = scene
  const names = [...nodes.keys()]
  const nodeName = names[random.below(Math.max(names.length, 1))]
  if (!nodeName) return
  const number = scene.pods++
  const tolerations = [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }] as const
  const spec = { nodeName, containers: [{ name: 'main', image: 'i' }], tolerations }
  const metadata = { name: `p${number}`, labels: selector }
  const pod = await client.create(Pod, { metadata, spec } as never)
  const podIP = `10.244.1.${number + 1}`
  const conditions = [{ type: 'Ready', status: 'True' }]
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions }
  await ifThere(client.patch(Pod, pod, { status }, { type: 'strategic', subresource: 'status' }))
}

async function toggleService({ client, random }: Scene): Promise<void> {
  const name = SERVICES[random.below(SERVICES.length)]!
  const spec = { type: 'LoadBalancer', selector, ports: [{ port: 80 }] } as const
  const present = await client.find(Service, { name })
  try {
    if (present) await client.delete(Service, { name })
    else await client.create(Service, { metadata: { name }, spec })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'AlreadyExists')) throw error
  }
}

async function disturb(scene: Scene, life: Life): Promise<Life> {
  const { client, random, proxy, nodes } = scene
  const name = `n${random.below(4)}`
  switch (random.below(8)) {
    case 0:
      if (nodes.delete(name)) await client.delete(Node, { name })
      else {
        await client.create(Node, { metadata: { name } })
        nodes.set(name, true)
      }
      return life
    case 1:
      if (nodes.has(name)) nodes.set(name, !nodes.get(name))
      return life
    case 2:
    case 3:
      await addPod(scene)
      return life
    case 4:
      await toggleService(scene)
      return life
    case 5:
      proxy.cut()
      return life
    default:
      await life.kill()
      return begin(scene)
  }
}

/** Everything that is not as it should be. */
async function problems({ client, nodes }: Scene): Promise<string[]> {
  const found: string[] = []
  const present = await client.list(Node)
  const blocks = present.map(({ spec }) => spec.podCIDR)
  if (new Set(blocks).size < present.length) found.push(`blocks given twice: ${blocks.join()}`)
  for (const { metadata, spec, status } of present) {
    const isAlive = nodes.get(metadata.name) === true
    const ready = findCondition(status.conditions, 'Ready')?.status
    const keys = (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
    const isTainted = keys.some((key) => /unreachable|not-ready/.test(key))
    const isKnownSilent = keys.includes('node.kubernetes.io/unreachable:NoSchedule')
    if (!spec.podCIDR) found.push(`${metadata.name} has no block`)
    if (isAlive && (ready !== 'True' || isTainted)) found.push(`${metadata.name} is alive: ${keys}`)
    if (!isAlive && (ready !== 'Unknown' || !isKnownSilent)) found.push(`${metadata.name} is not`)
  }
  const pods = await client.list(Pod)
  for (const { metadata, spec } of pods) {
    if (!nodes.has(spec.nodeName ?? '')) found.push(`${metadata.name} is an orphan`)
  }
  const services = (await client.list(Service)).filter(({ spec }) => spec.selector)
  const ips = services.flatMap(({ status }) => status.loadBalancer.ingress?.[0]?.ip ?? [])
  if (new Set(ips).size < services.length) found.push(`addresses: ${ips.join()}`)
  const wanted = pods
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ status }) => `${status.podIP} ${findCondition(status.conditions, 'Ready')?.status}`)
    .toSorted()
  for (const { metadata } of services) {
    const subsets = (await client.find(Endpoints, metadata))?.subsets ?? []
    const shown = subsets.flatMap(({ addresses, notReadyAddresses }) => [
      ...(addresses ?? []).map(({ ip }) => `${ip} True`),
      ...(notReadyAddresses ?? []).map(({ ip }) => `${ip} False`),
    ])
    const isRight = JSON.stringify(shown.toSorted()) === JSON.stringify(wanted)
    if (!isRight) found.push(`${metadata.name} shows ${shown.join()}, wanted ${wanted.join()}`)
  }
  const names = new Set(services.map(({ metadata }) => metadata.name))
  const left = (await client.list(Endpoints)).filter(
    ({ metadata }) => SERVICES.includes(metadata.name) && !names.has(metadata.name),
  )
  return [...found, ...left.map(({ metadata }) => `${metadata.name} has no Service`)]
}

test.for(Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index))(
  'seed %i',
  async (seed) => {
    const clock = new ManualClock()
    await using server = await startTestServer({ clock })
    await using direct = connect(server.url, { clock, namespace: 'default' })
    await using proxy = await startCuttingProxy(server.url)
    const { client } = direct
    const random = seededRandom(seed)
    const scene: Scene = { client, clock, random, proxy, nodes: new Map(), pods: 0 }
    for (const name of ['n0', 'n1', 'n2']) {
      await client.create(Node, { metadata: { name } })
      scene.nodes.set(name, true)
    }
    let life = await begin(scene)
    for (let done = 0; done < STEPS; done++) {
      for (let steps = random.below(6); steps > 0; steps--) await step(scene)
      life = await disturb(scene, life)
    }
    let left = ['not looked at yet']
    for (let round = 0; round < ROUNDS_MAX && left.length > 0; round++) {
      await step(scene)
      left = await problems(scene)
    }
    expect(left).toEqual([])
    await life.kill()
  },
)
