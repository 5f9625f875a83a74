/** How soon a pod runs, beside the bare calls of the Engine, and what an idle kubelet costs. */
import { readFileSync } from 'node:fs'
import { Pod } from '#api/kinds/core/pod.ts'
import { httpWatches } from '#client/watch-transport.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import type { Engine } from '#engine/engine.ts'
import { ensurePauseImage } from '#engine/pause/pause-image.ts'
import { sandboxBody } from '#kubelet/docker/sandbox-body.ts'
import { NodeProcess } from '#test/kubelet/node-process.ts'
import { podIdentity, sandboxSpec } from '#test/runtime/specs.ts'
import { type Bench, median } from './bench.ts'

const STARTS = 20
const WARM_UPS = 3
const BURST = 30
const PODS_OF_A_BUSY_NODE = 50
const IDLE_MS = 15_000
/** Kernels count the time of processes in hundredths of a second. */
const TICK_MS = 10
const COMMAND = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done']

/** `own`: a sandbox as the kubelet has it, not connected; `bridge`: on the Engine's network. */
type BareNetwork = 'own' | 'bridge'

type Times = Readonly<Record<'pods' | BareNetwork, readonly number[]>>

/** Taken once, by whichever bench is asked first: pod and bare calls in turns. */
let taken: Promise<Times> | undefined
const starts = (): Promise<Times> => (taken ??= takeTurns())

async function takeTurns(): Promise<Times> {
  await using node = await NodeProcess.start()
  const times: Record<keyof Times, number[]> = { pods: [], own: [], bridge: [] }
  for (let round = -WARM_UPS; round < STARTS; round++) {
    const name = `pod-${round + WARM_UPS}`
    const ofPod = await timeOf(() => startPods(node, [name]))
    await removePods(node, [name])
    if (round >= 0) times.pods.push(ofPod)
    for (const network of ['own', 'bridge'] as const) {
      const made: string[] = []
      const ofBare = await timeOf(() => startBare(node, name, network, made))
      await removeBare(node.engine, made)
      if (round >= 0) times[network].push(ofBare)
    }
  }
  return times
}

let burstTaken: Promise<{ pods: number; bare: number }> | undefined
const burst = (): NonNullable<typeof burstTaken> => (burstTaken ??= takeBursts())

async function takeBursts(): Promise<{ pods: number; bare: number }> {
  await using node = await NodeProcess.start()
  const names = Array.from({ length: BURST }, (_, number) => `pod-${number}`)
  const made: string[] = []
  const all = names.map((name) => () => startBare(node, name, 'own', made))
  const bare = await timeOf(() => Promise.all(all.map((start) => start())))
  await removeBare(node.engine, made)
  const pods = await timeOf(() => startPods(node, names))
  await removePods(node, names)
  return { pods, bare }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begunAt = performance.now()
  await work()
  return performance.now() - begunAt
}

/** From before they are created until a watch has shown that all of them run. */
async function startPods(node: NodeProcess, names: readonly string[]): Promise<void> {
  const waiting = new Set(names)
  const { metadata } = await node.client.listAll(Pod, { namespace: 'default' })
  const path = `/api/v1/namespaces/default/pods?watch=true&resourceVersion=${metadata.resourceVersion}`
  const stop = new AbortController()
  const request = { path, accept: 'application/json', signal: stop.signal }
  const events = httpWatches(node.client.connection).open(request)
  const creating = Promise.all(
    names.map((name) =>
      node.create(name, {
        containers: [node.script('', { command: COMMAND })],
        terminationGracePeriodSeconds: 1,
      }),
    ),
  )
  for await (const some of events) {
    for (const { object } of some) {
      const { metadata: of, status } = object as Pod
      if (status.phase === 'Running') waiting.delete(of.name)
    }
    if (waiting.size === 0) break
  }
  stop.abort()
  await creating
}

async function removePods(node: NodeProcess, names: readonly string[]): Promise<void> {
  const gone = async (name: string): Promise<void> => {
    await node.client.delete(Pod, { name, namespace: 'default' })
    await node.untilGone(name)
  }
  await Promise.all(names.map(gone))
  while ((await node.leftovers()).length > 0) await clock.sleep(20)
}

/** The least that the Engine can be asked: two containers, one in the network of the other. */
async function startBare(
  node: NodeProcess,
  name: string,
  network: BareNetwork,
  made: string[],
): Promise<void> {
  const { engine, image, cluster } = node
  const scope = { cluster, node: 'bare' }
  const pause = await ensurePauseImage(engine, process.arch === 'arm64' ? 'aarch64' : 'x86_64')
  const spec = sandboxSpec(podIdentity(name))
  const joining = network === 'own' ? 'unshare' : 'none'
  const options = { scope, image: pause, network: joining, addresses: [] } as const
  const body = sandboxBody(spec, { ...options, cgroupParent: undefined })
  const { HostConfig: host } = body
  const sandbox = await engine.createContainer(`${cluster}-${name}-sandbox`, {
    ...body,
    HostConfig: network === 'own' ? host : { ...host, NetworkMode: 'bridge' },
  })
  made.push(sandbox)
  await engine.startContainer(sandbox)
  const joined = `container:${sandbox}`
  const container = await engine.createContainer(`${cluster}-${name}-main`, {
    Image: image,
    Entrypoint: COMMAND,
    Labels: {},
    HostConfig: { NetworkMode: joined, IpcMode: joined },
  })
  made.push(container)
  await engine.startContainer(container)
}

async function removeBare(engine: Engine, made: readonly string[]): Promise<void> {
  await Promise.all(made.map((id) => engine.removeContainer(id, true)))
}

interface Idle {
  readonly cpuPercent: number
  readonly megabytes: number
}

const idles = new Map<number, Promise<Idle>>()

/** Of the kubelet alone, with so many pods that only sleep. */
function idle(pods: number): Promise<Idle> {
  const known = idles.get(pods) ?? takeIdle(pods)
  idles.set(pods, known)
  return known
}

async function takeIdle(pods: number): Promise<Idle> {
  await using node = await NodeProcess.start()
  const names = Array.from({ length: pods }, (_, number) => `pod-${number}`)
  if (pods > 0) await startPods(node, names)
  await clock.sleep(IDLE_MS / 3)
  const before = cpuMs(node.processId)
  await clock.sleep(IDLE_MS)
  const cpuPercent = ((cpuMs(node.processId) - before) / IDLE_MS) * 100
  const status = readFileSync(`/proc/${node.processId}/status`, 'utf8')
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  return { cpuPercent, megabytes }
}

function cpuMs(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8')
  const [user = 0, system = 0] = stat.split(') ')[1]!.split(' ').slice(11, 13).map(Number)
  return (user + system) * TICK_MS
}

export const benches: readonly Bench[] = [
  ...(['own', 'bridge'] as const).flatMap((network) => [
    ofStarts('pod start, p50', network, median),
    ofStarts('pod start, p99', network, (figures) => Math.max(...figures)),
    ofStarts('pod start, the quickest', network, (figures) => Math.min(...figures)),
  ]),
  {
    ...{ name: `${BURST} pods at once`, unit: 'ms', better: 'lower' },
    measure: async () => (await burst()).pods,
    against: { name: 'the bare calls', figure: async () => (await burst()).bare },
  },
  ...[0, PODS_OF_A_BUSY_NODE].flatMap((pods): Bench[] => [
    {
      ...{ name: `idle kubelet, ${pods} pods, CPU`, unit: '%', better: 'lower' },
      measure: async () => (await idle(pods)).cpuPercent,
    },
    {
      ...{ name: `idle kubelet, ${pods} pods, memory`, unit: 'MB', better: 'lower' },
      measure: async () => (await idle(pods)).megabytes,
    },
  ]),
]

function ofStarts(
  what: string,
  network: BareNetwork,
  chosen: (figures: readonly number[]) => number,
): Bench {
  const peer = network === 'own' ? 'the bare calls' : 'bare calls and a bridge'
  return {
    ...{ name: `${what}${network === 'own' ? '' : ', again'}`, unit: 'ms', better: 'lower' },
    measure: async () => chosen((await starts()).pods),
    against: { name: peer, figure: async () => chosen((await starts())[network]) },
  }
}
