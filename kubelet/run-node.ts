/** Runs the kubelet of one real node: everything in the order in which it needs each other. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { RuntimeClass } from '#api/kinds/node/runtime-class.ts'
import { parseQuantity, quantityValue } from '#api/quantity.ts'
import { EventReporter } from '#client/events.ts'
import { InformerSet } from '#client/informer-set.ts'
import { MultiplexedWatches } from '#client/multiplex.ts'
import type { Client } from '#client/rest.ts'
import type { Health } from '#daemon/health.ts'
import type { Metrics } from '#daemon/metrics.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { startDockerRuntime } from './docker/docker-runtime.ts'
import type { Flags } from './flags.ts'
import { ImagePuller } from './images.ts'
import { Kubelet } from './kubelet.ts'
import { allocatableOf, capacityOf } from './node/capacity.ts'
import { diskBytes, machineIds } from './node/machine.ts'
import { NodeAgent } from './node/node-agent.ts'
import type { NodeState } from './node/node-facts.ts'
import { evictionReserve, reservedAmounts } from './node/reservations.ts'
import { nodeSettings, runtimeNetwork } from './node/settings.ts'
import { PodFiles } from './pod-files.ts'
import type { NodeContext } from './pod-parts.ts'
import { PodVolumes } from './pod-volumes.ts'
import { socketProber } from './probes/prober.ts'
import { NodeProvisions } from './provisions.ts'
import type { Runtime } from './runtime.ts'
import { startServer } from './server/server.ts'
import { ownCertificate } from './server/serving-certificate.ts'
import { Sources } from './sources.ts'
import { Statistics } from './stats/statistics.ts'
import { systemMounter } from './volumes/mounter.ts'
import { ServiceAccountTokens } from './volumes/service-account-tokens.ts'

export interface RunParts extends Pick<ServiceContext, 'clock' | 'random' | 'log'> {
  readonly client: Client
  readonly health: Health
  readonly metrics: Metrics
}

/** Handlers of runtime classes that mean what containers run with here anyhow. */
const handlers: readonly string[] = ['', 'runc', 'docker']

export async function startNode(
  values: Flags,
  parts: RunParts,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { client, clock, random, log, health } = parts
  await using started = new AsyncDisposableStack()
  const settings = nodeSettings(values)
  const { name } = settings
  const transport = started.use(new MultiplexedWatches(client.connection))
  const informers = started.use(new InformerSet({ client, transport, clock, random, log }))
  const nodes = informers.get(Node, { fieldSelector: `metadata.name=${name}` })
  const classes = informers.get(RuntimeClass)
  const feed = informers.get(Pod, { fieldSelector: `spec.nodeName=${name}` })
  const thisNode = (): Node | undefined => nodes.cache.list()[0]
  const reporter = started.use(new EventReporter({ client, clock, random, log, host: name }))
  const events = reporter.for('kubelet')
  const find = (uid: string): Pod | undefined =>
    kubelet.all().find(({ metadata }) => metadata.uid === uid)
  const runtime = started.use(
    await startDockerRuntime({
      cluster: values.clusterName,
      node: name,
      engineAddress: values.containerRuntimeEndpoint,
      rootDirectory: values.rootDir,
      clock,
      log,
      nodeNetwork: runtimeNetwork(values.nodeNetwork),
      podCidrs: () => thisNode()?.spec.podCIDRs ?? values.podCidr,
      containerLogs: {
        maxBytes: Number(quantityValue(parseQuantity(values.containerLogMaxSize))),
        maxFiles: values.containerLogMaxFiles,
      },
      onLack(pod, container, lack) {
        const about = find(pod.uid)
        const fieldPath = `spec.containers{${container}}`
        if (about) events.warning(about, 'HostLacks', lack, { fieldPath })
      },
    }),
  )
  const { context, amounts, read } = await nodeFacts(values, runtime, name, settings)
  const informerParts = { client, transport, clock, random, log }
  const sources = started.use(new Sources({ ...informerParts, rootDirectory: values.rootDir }))
  const volumes = started.use(
    new PodVolumes({
      ...{ sources, client, clock, random, log, rootDirectory: values.rootDir },
      tokens: new ServiceAccountTokens({ client, clock, random, log }),
      mounter: systemMounter,
      node: () => ({ name, labels: thisNode()?.metadata.labels ?? {}, ...amounts }),
      nodeRoot: values.nodeRoot,
      changed: (uid) => kubelet.retry(uid),
      warn: (pod, reason, message) => events.warning(pod, reason, message),
    }),
  )
  const files = new PodFiles({
    rootDirectory: values.rootDir,
    cluster: { servers: values.clusterDns, domain: values.clusterDomain },
    resolverFile: values.resolvConf,
    hostsFile: '/etc/hosts',
    warn: (pod, reason, message) => events.warning(pod, reason, message),
  })
  const acceptsRuntimeClass = (className: string): boolean =>
    handlers.includes(classes.cache.get({ name: className })?.handler ?? 'none')
  const kubelet = started.use(
    new Kubelet({
      ...{ client, runtime, events, clock, random, log, feed, thisNode, node: context },
      images: new ImagePuller({ images: runtime.images, sources, events, clock }),
      provisions: new NodeProvisions({ volumes, files, sources }),
      prober: socketProber(runtime, clock),
      admission: { allowedSysctls: values.allowedUnsafeSysctls, acceptsRuntimeClass },
      pressures: () => [],
    }),
  )
  const port = await serve(values, parts, kubelet, runtime, context, started)
  const agent = started.use(
    new NodeAgent({
      ...{ client, clock, random, log, events, read, seen: thisNode },
      settings: { ...settings, port },
      amounts: () => amounts,
    }),
  )
  await agent.start(signal)
  await informers.synced(signal)
  await kubelet.start(signal)
  health.add('runtime', () => runtime.check())
  log.info('node is at work', { node: name, port })
  const all = started.move()
  return { [Symbol.asyncDispose]: () => all.disposeAsync() }
}

async function nodeFacts(
  values: Flags,
  runtime: Runtime,
  name: string,
  settings: ReturnType<typeof nodeSettings>,
) {
  const info = await runtime.info()
  const ids = await machineIds()
  const bytes = await diskBytes(info.rootDirectory).catch(() => diskBytes('/'))
  const capacity = capacityOf({ info, diskBytes: bytes, podsMax: settings.podsMax })
  const reserved = reservedAmounts([values.systemReserved, values.kubeReserved])
  const kept = [...reserved, evictionReserve(values.evictionHard, info.memoryBytes, bytes)]
  const amounts = { capacity, allocatable: allocatableOf(capacity, kept) }
  const pids = values.podMaxPids
  const context: NodeContext = {
    nodeName: name,
    clusterDomain: values.clusterDomain,
    ...(values.cgroupRoot && { cgroupRoot: values.cgroupRoot }),
    hostIps: settings.addresses.flatMap(({ type, address }) =>
      type === 'InternalIP' ? [address] : [],
    ),
    runtime: info.name,
    resources: { memoryBytes: info.memoryBytes, ...(pids > 0 && { pids }) },
    security: {
      seccompFolder: join(values.rootDir, 'seccomp'),
      seccompDefault: values.seccompDefault,
    },
    allocatable: amounts.allocatable,
  }
  const read = async (): Promise<NodeState> => {
    const problems = await runtime.check().then(
      () => [],
      (error: unknown) => [`container runtime is down: ${(error as Error).message}`],
    )
    const images = problems.length > 0 ? [] : await runtime.images.list()
    return { info, ids, diskBytes: bytes, images, problems, pressures: new Set() }
  }
  return { context, amounts, read }
}

async function serve(
  values: Flags,
  { client, clock, random, log, metrics }: RunParts,
  pods: Kubelet,
  runtime: Runtime,
  { nodeName, hostIps }: NodeContext,
  started: AsyncDisposableStack,
): Promise<number> {
  const directory = values.certDir ?? join(values.rootDir, 'pki')
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, rootDir } = values
  const tls =
    tlsCertFile && tlsPrivateKeyFile
      ? {
          cert: await readFile(tlsCertFile, 'utf8'),
          key: await readFile(tlsPrivateKeyFile, 'utf8'),
        }
      : await ownCertificate({ directory, nodeName, names: [nodeName, ...hostIps], clock, random })
  const { ca } = await client.connection.credentials.tls()
  const server = started.use(
    await startServer({
      ...{ nodeName, pods, runtime, client, clock, log, metrics, tls },
      statistics: new Statistics({ nodeName, runtime, clock, rootDirectory: rootDir, pods }),
      configuration: () => ({ ...values }),
      address: { host: values.address, port: values.port },
      clientCertificateAuthority: clientCaFile ? await readFile(clientCaFile) : ca,
      allowsAnonymous: values.anonymousAuth,
    }),
  )
  return server.port
}
