/** A cluster of plain objects, as the scheduler sees one: for decisions without a server. */
import type { Node } from '#api/kinds/core/node.ts'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import type { CSIDriver } from '#api/kinds/storage/csi-driver.ts'
import type { CSINode } from '#api/kinds/storage/csi-node.ts'
import type { CSIStorageCapacity } from '#api/kinds/storage/csi-storage-capacity.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { type LabelSelectorObject, selectorFromObject } from '#api/label-selector.ts'
import type { Input } from '#api/schema.ts'
import { Cache } from '#client/cache.ts'
import type { ApiObject } from '#client/resource.ts'
import type { NodeInfo } from '#scheduler/node-info.ts'
import { Nominations } from '#scheduler/nominations.ts'
import type { ClusterView, Plugin } from '#scheduler/plugin.ts'
import { podInfo } from '#scheduler/pod-info.ts'
import { Snapshot } from '#scheduler/snapshot.ts'
import { StorageView } from '#scheduler/storage-view.ts'

type Labels = Readonly<Record<string, string>>
export type NodeInput = Input<typeof import('#api/kinds/core/node.ts').Node>
type PodInput = Input<typeof import('#api/kinds/core/pod.ts').Pod>
export type PodSpecInput = Partial<NonNullable<PodInput['spec']>>

export interface PodWish {
  readonly name?: string
  readonly namespace?: string
  readonly labels?: Labels
  readonly node?: string
  readonly requests?: Labels
  readonly spec?: PodSpecInput
  readonly isTerminating?: boolean
}

export function aPod(wish: PodWish = {}): Pod {
  const { name = 'pod', namespace = 'default', labels = {}, node, requests, spec } = wish
  const resources = requests ? { requests } : {}
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      labels,
      ...(wish.isTerminating && { deletionTimestamp: '2030-01-01T00:00:00Z' }),
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'main', image: 'image', resources }],
      ...(node && { nodeName: node }),
      ...spec,
    },
    status: {},
  } as unknown as Pod
}

export interface NodeWish {
  readonly labels?: Labels
  readonly allocatable?: Labels
  readonly spec?: NonNullable<NodeInput['spec']>
  readonly images?: Readonly<Record<string, number>>
}

export function aNode(name: string, wish: NodeWish = {}): Node {
  const { labels, allocatable, spec = {}, images = {} } = wish
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable },
      images: Object.entries(images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  } as unknown as Node
}

export interface ViewWish {
  readonly nodes: readonly Node[]
  readonly pods?: readonly Pod[]
  readonly namespaces?: Readonly<Record<string, Labels>>
  /** What Services and owners select, for every pod. */
  readonly siblings?: LabelSelectorObject
  readonly storage?: StorageWish
  readonly budgets?: readonly PodDisruptionBudget[]
}

export interface StorageWish {
  readonly volumes?: readonly PersistentVolume[]
  readonly claims?: readonly PersistentVolumeClaim[]
  readonly classes?: readonly StorageClass[]
  readonly csiNodes?: readonly CSINode[]
  readonly csiDrivers?: readonly CSIDriver[]
  readonly capacities?: readonly CSIStorageCapacity[]
}

function storageOf(wish: StorageWish = {}): StorageView {
  return new StorageView({
    volumes: cacheOf(wish.volumes),
    claims: cacheOf(wish.claims),
    classes: cacheOf(wish.classes),
    csiNodes: cacheOf(wish.csiNodes),
    csiDrivers: cacheOf(wish.csiDrivers),
    capacities: cacheOf(wish.capacities),
  })
}

function cacheOf<S extends ApiObject>(objects: readonly S[] = []): Cache<S> {
  const cache = new Cache<S>()
  for (const object of objects) cache.put(object)
  return cache
}

export function viewOf({
  nodes,
  pods = [],
  namespaces = {},
  siblings,
  storage,
  budgets = [],
}: ViewWish): ClusterView {
  const snapshot = new Snapshot()
  for (const node of nodes) snapshot.setNode(node)
  for (const pod of pods) snapshot.setPod(pod)
  return {
    snapshot,
    namespaceLabels: (name) => namespaces[name] ?? {},
    siblings: () => siblings && selectorFromObject(siblings),
    storage: storageOf(storage),
    nominations: new Nominations(),
    budgets: (namespace) => budgets.filter(({ metadata }) => metadata.namespace === namespace),
  }
}

/** What one plugin says of each node: `ok`, or its reasons. */
export function verdictsOf(plugin: Plugin, pod: Pod, wish: ViewWish): Record<string, string> {
  const view = viewOf(wish)
  const prepared = plugin.filter?.(podInfo(pod), view)
  const verdictOn = (node: NodeInfo): string => {
    const refusal = prepared && ('reasons' in prepared ? prepared : prepared.test(node))
    return refusal ? refusal.reasons.join(', ') : 'ok'
  }
  return Object.fromEntries(view.snapshot.nodes.map((node) => [node.name, verdictOn(node)]))
}

/** The normalized scores that one plugin gives; undefined when all nodes are alike to it. */
export function scoresOf(
  plugin: Plugin,
  pod: Pod,
  wish: ViewWish,
): Record<string, number> | undefined {
  const view = viewOf(wish)
  const { nodes } = view.snapshot
  const prepared = plugin.scorer?.(podInfo(pod), view, nodes)
  if (!prepared) return undefined
  const scores = nodes.map(prepared.score)
  prepared.normalize?.(scores, nodes)
  return Object.fromEntries(nodes.map(({ name }, at) => [name, scores[at]!]))
}
