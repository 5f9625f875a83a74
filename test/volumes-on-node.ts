/** The volumes of one node over a real API server and in a real directory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import type { Client } from '#client/rest.ts'
import type { ManualClock } from '#daemon/clock.ts'
import { PodVolumes } from '#kubelet/pod-volumes.ts'
import { Sources } from '#kubelet/sources.ts'
import { systemMounter } from '#kubelet/volumes/mounter.ts'
import { ServiceAccountTokens } from '#kubelet/volumes/service-account-tokens.ts'
import { startCluster } from './cluster.ts'
import { connect } from './connect.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface VolumesOnNode extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly sources: Sources
  readonly volumes: PodVolumes
  readonly root: string
  /** Uids of pods that may be tried again. */
  readonly changed: readonly string[]
  readonly warnings: readonly string[]
  createPod(spec: object, metadata?: object): Promise<Pod>
  prepare(pod: Pod): ReturnType<PodVolumes['prepare']>
  /** Text of a file of a volume; undefined when it is not there. */
  read(pod: Pod, ...path: readonly string[]): string | undefined
  /** The same node after its kubelet was killed. */
  restarted(): VolumesOnNode
}

export async function startVolumes(): Promise<VolumesOnNode> {
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(await temporaryDirectory())
  const cluster = stack.use(await startCluster())
  const { client, clock } = cluster
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace: 'default' } })
  const options = { clock, namespace: 'default', carrier: 'socket' } as const
  const open = (): VolumesOnNode => {
    const connected = everything.use(connect(cluster.server.url, options))
    const { random, log, transport } = connected
    const parts = { client: connected.client, transport, clock, random, log }
    const sources = everything.use(new Sources({ ...parts, rootDirectory: directory.path }))
    const changed: string[] = []
    const warnings: string[] = []
    const volumes = new PodVolumes({
      ...parts,
      sources,
      tokens: new ServiceAccountTokens(parts),
      mounter: systemMounter,
      node: () => ({ name: 'n1', labels: { zone: 'a' }, allocatable: { cpu: '2' } }),
      nodeRoot: '',
      rootDirectory: directory.path,
      changed: (uid) => changed.push(uid),
      warn: (_, reason, message) => warnings.push(`${reason}: ${message}`),
    })
    everything.use(volumes)
    return {
      ...{ client, clock, sources, volumes, root: directory.path, changed, warnings },
      createPod: async (spec, metadata = {}) =>
        client.create(Pod, {
          metadata: { name: 'p', namespace: 'default', ...metadata },
          spec,
        } as never),
      prepare: (pod) => volumes.prepare(pod, new AbortController().signal),
      read: (pod, ...path) =>
        textOf(join(directory.path, 'pods', pod.metadata.uid, 'volumes', ...path)),
      restarted: open,
      [Symbol.asyncDispose]: () => everything.disposeAsync(),
    }
  }
  const everything = stack.move()
  return open()
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A pod with these volumes, each mounted below `/v`. */
export const mounting = (volumes: readonly { readonly name: string }[], more: object = {}) => ({
  nodeName: 'n1',
  containers: [
    {
      name: 'main',
      image: 'image',
      volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/v/${name}` })),
    },
  ],
  volumes,
  ...more,
})

export const configMap = (name: string, data: Record<string, string>, more: object = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
  ...more,
})

export const createConfigMap = (
  { client }: VolumesOnNode,
  name: string,
  data: Record<string, string>,
): Promise<ConfigMap> => client.create(ConfigMap, configMap(name, data))

export const createSecret = (
  { client }: VolumesOnNode,
  name: string,
  data: Record<string, string>,
): Promise<Secret> =>
  client.create(Secret, {
    metadata: { name, namespace: 'default' },
    data: Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    ),
  })
