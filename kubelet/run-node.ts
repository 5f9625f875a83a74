/** Runs the kubelet of one real node: everything in the order in which it needs each other. */
import { join } from 'node:path'
import type { RuntimeClass } from '#api/kinds/node/runtime-class.ts'
import type { Flags } from './flags.ts'
import { ImagePuller } from './images.ts'
import { Kubelet } from './kubelet.ts'
import { allocatableOf, capacityOf } from './node/capacity.ts'
import { diskBytes, machineIds } from './node/machine.ts'
import { NodeAgent } from './node/node-agent.ts'
import type { NodeSettings, NodeState } from './node/node-facts.ts'
import type { Amounts } from './node/node-object.ts'
import {
  type Caches,
  localPathDirectoryOf,
  openCaches,
  openPressureWatch,
  openProvisions,
  openRuntime,
  openStaticPods,
  type RunParts,
  serve,
  startLocalPath,
} from './node/open-parts.ts'
import type { PressureWatch } from './node/pressure-watch.ts'
import { evictionReserve, reservedAmounts } from './node/reservations.ts'
import { nodeSettings } from './node/settings.ts'
import type { NodeContext } from './pod-parts.ts'
import { socketProber } from './probes/prober.ts'
import type { Runtime } from './runtime.ts'
import type { StaticPods } from './static-pods.ts'
import { Statistics } from './stats/statistics.ts'

/** Handlers of runtime classes that mean what containers run with here anyhow. */
const handlers: readonly string[] = ['', 'runc', 'docker']

const isOurHandler = (found: RuntimeClass | undefined): boolean =>
  found !== undefined && handlers.includes(found.handler)

export async function startNode(
  values: Flags,
  parts: RunParts,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { client, clock, random, log, health } = parts
  await using started = new AsyncDisposableStack()
  const settings = nodeSettings(values)
  const { name } = settings
  const caches = openCaches(name, parts, started)
  const { informers, pods: feed, classes, thisNode, events } = caches
  const runtime = started.use(await openRuntime(values, name, caches, parts))
  const { context, amounts, read } = await nodeFacts(values, runtime, settings)
  const retry = (uid: string): void => kubelet.retry(uid)
  const { sources, provisions } = openProvisions(
    ...([values, name, amounts, caches, parts, retry, started] as const),
  )
  let watch: PressureWatch | undefined
  const pressures = (): ReadonlySet<string> => watch?.pressures ?? new Set()
  const acceptsRuntimeClass = (each: string): boolean =>
    isOurHandler(classes.cache.get({ name: each }))
  const kubelet: Kubelet = started.use(
    new Kubelet({
      ...{ client, runtime, provisions, events, clock, random, log, feed, thisNode },
      node: context,
      images: new ImagePuller({ images: runtime.images, sources, events, clock }),
      prober: socketProber(runtime, clock),
      admission: { allowedSysctls: values.allowedUnsafeSysctls, acceptsRuntimeClass },
      pressures: () => [...pressures()],
      startStatic: async () => statics?.start(),
      onMirrorGone: () => void statics?.look(),
    }),
  )
  const { rootDir: rootDirectory } = values
  const opened = [values, name, kubelet, caches, parts, started] as const
  const statics: StaticPods | undefined = openStaticPods(...opened)
  const statistics = new Statistics({
    nodeName: name,
    runtime,
    clock,
    rootDirectory,
    pods: kubelet,
  })
  const served = { kubelet, runtime, statistics, context }
  const port = await serve(values, parts, served, started)
  let problems: readonly string[] | undefined
  const reading = async (): Promise<NodeState> => ({
    ...(await read(pressures())),
    ...(problems && { problems }),
  })
  const about = { ...settings, port, localPathDirectory: localPathDirectoryOf(values) }
  const agent: NodeAgent = started.use(newAgent(about, amounts, reading, caches, parts))
  watch = await openPressureWatch(values, served, caches, parts, () => agent.wake(), started)
  await agent.start(signal)
  await informers.synced(signal)
  await kubelet.start(signal)
  started.use(await startLocalPath(values, name, caches, parts, signal))
  watch.start()
  health.add('runtime', () => runtime.check())
  log.info('node is at work', { node: name, port })
  const all = started.move()
  const tell = (): void => {
    problems = ['node is shutting down']
    agent.wake()
  }
  return untilStopped(all, () => shutDown(values, kubelet, log, tell))
}

const newAgent = (
  settings: NodeSettings,
  amounts: Amounts,
  read: () => Promise<NodeState>,
  { events, thisNode: seen }: Caches,
  { client, clock, random, log }: RunParts,
): NodeAgent =>
  new NodeAgent({
    ...{ client, clock, random, log, events, seen, settings, read, amounts: () => amounts },
  })

const untilStopped = (
  parts: AsyncDisposableStack,
  before: () => Promise<void>,
): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    await before()
    await parts.disposeAsync()
  },
})

/** Only where it is asked for: pods outlive their kubelet otherwise. */
async function shutDown(
  { shutdownGracePeriod: graceMs, shutdownGracePeriodCriticalPods: criticalMs }: Flags,
  kubelet: Kubelet,
  log: RunParts['log'],
  tell: () => void,
): Promise<void> {
  if (graceMs === 0) return
  log.info('ending all pods, as the node shuts down', { graceMs })
  tell()
  await kubelet.shutDown(graceMs, criticalMs)
}

interface Facts {
  readonly context: NodeContext
  readonly amounts: Amounts
  read(pressures: ReadonlySet<string>): Promise<NodeState>
}

async function nodeFacts(values: Flags, runtime: Runtime, settings: NodeSettings): Promise<Facts> {
  const info = await runtime.info()
  const ids = await machineIds()
  const bytes = await diskBytes(info.rootDirectory).catch(() => diskBytes('/'))
  const capacity = capacityOf({ info, diskBytes: bytes, podsMax: settings.podsMax })
  const reserved = reservedAmounts([values.systemReserved, values.kubeReserved])
  const kept = [...reserved, evictionReserve(values.evictionHard, info.memoryBytes, bytes)]
  const amounts = { capacity, allocatable: allocatableOf(capacity, kept) }
  const { podMaxPids: pids, cgroupRoot, clusterDomain, seccompDefault } = values
  const hostIps = settings.addresses.flatMap(({ type, address }) =>
    type === 'InternalIP' ? [address] : [],
  )
  return {
    amounts,
    context: {
      ...{ nodeName: settings.name, clusterDomain, cgroupRoot, hostIps, runtime: info.name },
      resources: { memoryBytes: info.memoryBytes, ...(pids > 0 && { pids }) },
      security: { seccompFolder: join(values.rootDir, 'seccomp'), seccompDefault },
      allocatable: amounts.allocatable,
    },
    async read(pressures) {
      const problems = await runtime.check().then(
        () => [],
        (error: unknown) => [`container runtime is down: ${(error as Error).message}`],
      )
      const images = problems.length > 0 ? [] : await runtime.images.list()
      return { info, ids, images, problems, pressures }
    },
  }
}
