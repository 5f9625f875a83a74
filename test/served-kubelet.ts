/** The server of a kubelet over processes, called through a real API server that it asks back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pod } from '#api/kinds/core/pod.ts'
import { Pki } from '#apiserver/pki/pki.ts'
import type { Client } from '#client/rest.ts'
import { systemClock } from '#daemon/clock.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { seededRandom } from '#daemon/random.ts'
import type { ObservedPod } from '#kubelet/runtime.ts'
import type { PodDirectory } from '#kubelet/server/pod-directory.ts'
import { type KubeletServer, startServer } from '#kubelet/server/server.ts'
import { ownCertificate } from '#kubelet/server/serving-certificate.ts'
import { Statistics } from '#kubelet/stats/statistics.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { collectingLog } from './collecting-log.ts'
import { connect } from './connect.ts'
import { createNode } from './pods-on-node.ts'
import { type ProcessRuntime, processRuntime } from './process-runtime.ts'

export interface ServedKubelet extends AsyncDisposable {
  readonly api: TestServer
  readonly client: Client
  readonly server: KubeletServer
  readonly runtime: ProcessRuntime
  readonly logged: readonly string[]
  readonly pki: Pki
  /** On the node, with containers that run, and in the runtime. */
  addPod(name: string, changes?: PodChanges): Promise<Pod>
}

export interface PodChanges {
  readonly containers?: readonly string[]
  readonly statuses?: readonly object[]
}

const NODE = 'node-1'

export async function serveKubelet(): Promise<ServedKubelet> {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-served-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const logged: string[] = []
  const [random, log] = [seededRandom(42), collectingLog(logged)]
  const clock = systemClock
  const pki = await Pki.open({
    directory: join(directory, 'pki'),
    names: ['127.0.0.1'],
    clock,
    random,
    log,
  })
  const { cert: clientCertificate, key: clientKey } = pki.kubeletClient
  const kubelets = { clientCertificate, clientKey }
  const api = stack.use(await startTestServer({ settings: { kubelets } }))
  const { client } = stack.use(connect(api.url, { namespace: 'default' }))
  const runtime = processRuntime()
  const pods = new Map<string, Pod>()
  const directoryOfPods = podsIn(pods, runtime)
  const statistics = new Statistics({
    ...{ nodeName: NODE, runtime, clock, rootDirectory: directory, pods: directoryOfPods },
  })
  const tls = await ownCertificate({
    ...{ directory: join(directory, 'own'), nodeName: NODE, names: ['127.0.0.1'], clock, random },
  })
  const server = stack.use(
    await startServer({
      ...{ nodeName: NODE, pods: directoryOfPods, runtime, client, clock, log, statistics, tls },
      metrics: createMetrics(),
      configuration: () => ({ port: 10250 }),
      address: { host: '127.0.0.1', port: 0 },
      clientCertificateAuthority: pki.authority('ca'),
    }),
  )
  await createNode(api.url, NODE, server.port)
  const everything = stack.move()
  return {
    ...{ api, client, server, runtime, logged, pki },
    async addPod(name, { containers = ['main'], statuses = [] } = {}) {
      const pod = await client.create(Pod, {
        metadata: { name, namespace: 'default' },
        spec: {
          nodeName: NODE,
          containers: containers.map((each) => ({
            name: each,
            image: 'i',
            stdin: true,
            stdinOnce: true,
          })),
        },
      } as never)
      const status = { ...pod.status, containerStatuses: statuses } as unknown as Pod['status']
      pods.set(`default/${name}`, { ...pod, status })
      if (!statuses.length) runtime.pods = [...runtime.pods, observed(pod)]
      return pod
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

function podsIn(pods: ReadonlyMap<string, Pod>, runtime: ProcessRuntime): PodDirectory {
  return {
    all: () => [...pods.values()],
    find: (namespace, name, uid) => {
      const pod = pods.get(`${namespace}/${name}`)
      return uid === undefined || pod?.metadata.uid === uid ? pod : undefined
    },
    containerId: async ({ metadata }, container) => {
      const { containers } = await runtime.observe({ ...metadata, namespace: '' })
      return containers.find(({ name }) => name === container)?.id
    },
  }
}

function observed({ metadata, spec }: Pod): ObservedPod {
  const { uid, name, namespace = '' } = metadata
  const sandbox = { id: `sandbox-${uid}`, attempt: 0, isReady: true, createdAtMs: 0, ips: [] }
  return {
    pod: { uid, name, namespace },
    sandboxes: [sandbox],
    containers: (spec.containers ?? []).map((container) => ({
      ...{ id: `${name}-${container.name}`, sandboxId: sandbox.id, name: container.name },
      ...{ attempt: 0, hash: '', image: 'i', imageId: 'i', state: 'running' as const },
      ...{ createdAtMs: 0, startedAtMs: 1000, isOutOfMemory: false, labels: {} },
    })),
  }
}
