/** The parts of a real kubelet, each made from flags and from the parts before it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { RuntimeClass } from '#api/kinds/node/runtime-class.ts'
import { parseQuantity, quantityValue } from '#api/quantity.ts'
import { startControllers } from '#client/controllers.ts'
import { type EventRecorder, EventReporter } from '#client/events.ts'
import type { Informer } from '#client/informer.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import type { Client } from '#client/rest.ts'
import type { WatchTransport } from '#client/watch-transport.ts'
import type { Health } from '#daemon/health.ts'
import type { Metrics } from '#daemon/metrics.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { startDockerRuntime } from '../docker/docker-runtime.ts'
import type { Flags } from '../flags.ts'
import { ImageCollector } from '../image-collector.ts'
import type { Kubelet } from '../kubelet.ts'
import { PodFiles } from '../pod-files.ts'
import type { NodeContext } from '../pod-parts.ts'
import { PodVolumes } from '../pod-volumes.ts'
import { NodeProvisions } from '../provisions.ts'
import type { Runtime } from '../runtime.ts'
import { startServer } from '../server/server.ts'
import { ownCertificate } from '../server/serving-certificate.ts'
import { Sources } from '../sources.ts'
import { StaticPods } from '../static-pods.ts'
import { readFileSystem } from '../stats/node-figures.ts'
import type { Statistics } from '../stats/statistics.ts'
import { localPathController } from '../volumes/local-path.ts'
import { systemMounter } from '../volumes/mounter.ts'
import { ServiceAccountTokens } from '../volumes/service-account-tokens.ts'
import { pressureOf } from './eviction.ts'
import type { Amounts } from './node-object.ts'
import { nodeSupplies, nodeUse } from './node-use.ts'
import { PressureWatch } from './pressure-watch.ts'
import { runtimeNetwork } from './settings.ts'
import { crossed, parseThresholds } from './thresholds.ts'

/** Directories that are not removed by then are when the kubelet runs again. */
const REMOVAL_GRACE_MS = 5000

export interface RunParts extends Pick<ServiceContext, 'clock' | 'random' | 'log'> {
  readonly client: Client
  readonly health: Health
  readonly metrics: Metrics
}

/** What the API server has for this node. */
export interface Caches {
  readonly transport: WatchTransport
  readonly informers: InformerSet
  readonly pods: Informer<Pod>
  readonly classes: Informer<RuntimeClass>
  readonly thisNode: () => Node | undefined
  readonly events: EventRecorder
  readonly reporter: EventReporter
}

export function openCaches(
  name: string,
  { client, clock, random, log }: RunParts,
  started: AsyncDisposableStack,
): Caches {
  const transport = started.use(new MultiplexedWatches(client.connection))
  const informers = started.use(new InformerSet({ client, transport, clock, random, log }))
  const nodes = informers.get(Node, { fieldSelector: `metadata.name=${name}` })
  const reporter = started.use(new EventReporter({ client, clock, random, log, host: name }))
  return {
    transport,
    informers,
    pods: informers.get(Pod, { fieldSelector: `spec.nodeName=${name}` }),
    classes: informers.get(RuntimeClass),
    thisNode: () => nodes.cache.list()[0],
    events: reporter.for('kubelet'),
    reporter,
  }
}

export async function openRuntime(
  values: Flags,
  node: string,
  { thisNode, events, pods }: Caches,
  { clock, log }: RunParts,
): Promise<Runtime> {
  const { clusterName, rootDir, podCidr } = values
  return startDockerRuntime({
    cluster: clusterName,
    node,
    engineAddress: values.containerRuntimeEndpoint,
    rootDirectory: rootDir,
    clock,
    log,
    nodeNetwork: runtimeNetwork(values.nodeNetwork),
    podCidrs: () => thisNode()?.spec.podCIDRs ?? podCidr,
    containerLogs: {
      maxBytes: Number(quantityValue(parseQuantity(values.containerLogMaxSize))),
      maxFiles: values.containerLogMaxFiles,
    },
    onLack(pod, container, lack) {
      const about = pods.cache.get(pod)
      const fieldPath = `spec.containers{${container}}`
      if (about) events.warning(about, 'HostLacks', lack, { fieldPath })
    },
  })
}

export interface Provisioned {
  readonly sources: Sources
  readonly provisions: NodeProvisions
}

export function openProvisions(
  values: Flags,
  name: string,
  amounts: Amounts,
  { transport, thisNode, events }: Caches,
  { client, clock, random, log }: RunParts,
  retry: (podUid: string) => void,
  started: AsyncDisposableStack,
): Provisioned {
  const { rootDir: rootDirectory, nodeRoot } = values
  const parts = { client, transport, clock, random, log, rootDirectory }
  const sources = started.use(new Sources(parts))
  const volumes = started.use(
    new PodVolumes({
      ...{ sources, client, clock, random, log, rootDirectory, nodeRoot },
      tokens: new ServiceAccountTokens({ client, clock, random, log }),
      mounter: systemMounter,
      node: () => ({ name, labels: thisNode()?.metadata.labels ?? {}, ...amounts }),
      changed: retry,
      warn: (pod, reason, message) => events.warning(pod, reason, message),
    }),
  )
  const files = new PodFiles({
    rootDirectory,
    cluster: { servers: values.clusterDns, domain: values.clusterDomain },
    resolverFile: values.resolvConf,
    hostsFile: '/etc/hosts',
    warn: (pod, reason, message) => events.warning(pod, reason, message),
  })
  return { sources, provisions: new NodeProvisions({ volumes, files, sources }) }
}

/** Undefined where no folder is given. */
export function openStaticPods(
  { podManifestPath: folder, fileCheckFrequency: periodMs }: Flags,
  nodeName: string,
  kubelet: Kubelet,
  { thisNode }: Caches,
  { client, clock, log }: RunParts,
  started: AsyncDisposableStack,
): StaticPods | undefined {
  if (folder === undefined) return undefined
  return started.use(
    new StaticPods({
      ...{ folder, nodeName, periodMs, client, clock, log },
      nodeUid: () => thisNode()?.metadata.uid,
      mirrors: () => kubelet.mirrors,
      onAdded: (pod) => kubelet.addStatic(pod),
      onRemoved: (pod) => kubelet.removeStatic(pod),
    }),
  )
}

export interface Served {
  readonly kubelet: Kubelet
  readonly runtime: Runtime
  readonly statistics: Statistics
  readonly context: NodeContext
}

/** Resolves with the port. */
export async function serve(
  values: Flags,
  { client, clock, random, log, metrics }: RunParts,
  { kubelet: pods, runtime, statistics, context: { nodeName, hostIps } }: Served,
  started: AsyncDisposableStack,
): Promise<number> {
  const directory = values.certDir ?? join(values.rootDir, 'pki')
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile } = values
  const names = [nodeName, ...hostIps]
  const tls =
    tlsCertFile && tlsPrivateKeyFile
      ? {
          cert: await readFile(tlsCertFile, 'utf8'),
          key: await readFile(tlsPrivateKeyFile, 'utf8'),
        }
      : await ownCertificate({ directory, nodeName, names, clock, random })
  const { ca } = await client.connection.credentials.tls()
  const server = started.use(
    await startServer({
      ...{ nodeName, pods, runtime, client, clock, log, metrics, tls, statistics },
      configuration: () => ({ ...values }),
      address: { host: values.address, port: values.port },
      clientCertificateAuthority: clientCaFile ? await readFile(clientCaFile) : ca,
      allowsAnonymous: values.anonymousAuth,
    }),
  )
  return server.port
}

/** Where volumes of the cluster's own class lie; the Node announces it. */
export const localPathDirectoryOf = ({ rootDir }: Flags): string => join(rootDir, 'local-path')

/** Removes the data of such volumes once they are deleted. */
export function startLocalPath(
  values: Flags,
  nodeName: string,
  { informers, reporter: events }: Caches,
  { client, clock, random, log }: RunParts,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { nodeRoot } = values
  const directory = localPathDirectoryOf(values)
  const controller = localPathController({ nodeName, directory, nodeRoot, mounter: systemMounter })
  const parts = { client, informers, events, clock, random, log, graceMs: REMOVAL_GRACE_MS }
  return startControllers([controller], parts, signal)
}

export async function openPressureWatch(
  values: Flags,
  { runtime, kubelet, statistics }: Served,
  { thisNode, events }: Caches,
  { clock, log }: RunParts,
  onChange: () => void,
  started: AsyncDisposableStack,
): Promise<PressureWatch> {
  const { rootDirectory: imageDirectory } = await runtime.info()
  const supplies = () => nodeSupplies(values.rootDir, imageDirectory)
  const collector = started.use(
    new ImageCollector({
      ...{ runtime, clock, log },
      disk: () => readFileSystem(imageDirectory),
      thresholds: {
        highPercent: values.imageGcHighThreshold,
        lowPercent: values.imageGcLowThreshold,
        ageLeastMs: values.minimumImageTtlDuration,
      },
      warn(reason, message) {
        const node = thisNode()
        if (node) events.warning(node, reason, message)
      },
    }),
  )
  return started.use(
    new PressureWatch({
      ...{ clock, log, events, supplies, onChange },
      thresholds: parseThresholds(values.evictionHard),
      transitionMs: values.evictionPressureTransitionPeriod,
      use: async () => nodeUse(statistics, kubelet.all(), await supplies()),
      pods: () => kubelet.all(),
      fail: (uid, failed) => kubelet.fail(uid, failed),
      async reclaim(threshold) {
        if (pressureOf(threshold) !== 'DiskPressure') return false
        await collector.collect()
        return crossed([threshold], await supplies()).length === 0
      },
    }),
  )
}
