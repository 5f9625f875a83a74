/**
 * Which objects a node has to do with. Only the pods of each node are followed, by a field that
 * stands beside their bytes; what they refer to is read when their node asks for something.
 */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import type { Resource, ResourceTable } from '../../resources.ts'
import type { Entry, Store } from '../../store/store.ts'
import { FollowedKeys } from '../followed-keys.ts'
import { type PodReferences, podReferences } from './pod-references.ts'
import { volumeSecrets } from './volume-secrets.ts'

/** A pod that is bound to a node. */
interface BoundPod {
  readonly key: string
  readonly namespace: string
  readonly node: string
  readonly createRevision: number
  /** As far as they have been read. */
  known: { readonly revision: number; readonly references: PodReferences } | undefined
}

export class NodeGraph implements Disposable {
  readonly #store: Store
  readonly #resources: ResourceTable
  readonly #pods: Resource
  readonly #bound = new Map<string, BoundPod>()
  /** By node, then by namespace. */
  readonly #ofNode = new Map<string, Map<string, Set<BoundPod>>>()
  readonly #followed: FollowedKeys

  constructor(store: Store, resources: ResourceTable) {
    this.#store = store
    this.#resources = resources
    this.#pods = resources.find('', 'v1', 'pods')!
    this.#followed = new FollowedKeys(store, this.#pods.prefix, {
      put: (entry) => this.#putPod(entry),
      remove: (key) => this.#removePod(key),
    })
  }

  [Symbol.dispose](): void {
    this.#followed[Symbol.dispose]()
  }

  hasPod(node: string, namespace: string, name: string): boolean {
    return this.#bound.get(this.#pods.keyOf(namespace, name))?.node === node
  }

  /** Whether a pod of the node in this namespace satisfies `refers`. */
  hasPodThat(
    node: string,
    namespace: string,
    refers: (references: PodReferences) => boolean,
  ): boolean {
    const pods = this.#ofNode.get(node)?.get(namespace)
    if (!pods) return false
    // What a pod refers to only grows, so that what was known of it still holds.
    for (const { known } of pods) if (known && refers(known.references)) return true
    for (const pod of pods) if (refers(this.#references(pod))) return true
    return false
  }

  usesClaim(node: string, namespace: string, name: string): boolean {
    return this.hasPodThat(node, namespace, ({ claims }) => claims.has(name))
  }

  /** A volume belongs to the nodes of the pods that use the claim bound to it. */
  usesVolume(node: string, name: string): boolean {
    const volume = this.#read<PersistentVolume>('persistentvolumes', '', name)
    const { namespace, name: claim } = volume?.spec.claimRef ?? {}
    return Boolean(namespace && claim && this.usesClaim(node, namespace, claim))
  }

  /** Whether the volume lies in a directory of the node. */
  keepsVolume(node: string, name: string): boolean {
    const volume = this.#read<PersistentVolume>('persistentvolumes', '', name)
    return volume?.metadata.labels?.[LOCAL_PATH_NODE_LABEL] === node
  }

  usesSecret(node: string, namespace: string, name: string): boolean {
    if (this.hasPodThat(node, namespace, ({ secrets }) => secrets.has(name))) return true
    // Volumes may have their secrets in any namespace.
    return this.#volumesOf(node).some((volume) =>
      volumeSecrets(volume).some((each) => each.namespace === namespace && each.name === name),
    )
  }

  /** The node that an object of the cluster names in its spec. */
  nodeOf(plural: string, group: string, name: string): string | undefined {
    const object = this.#read<{ spec?: { nodeName?: string } }>(plural, group, name)
    return object?.spec?.nodeName
  }

  #volumesOf(node: string): PersistentVolume[] {
    const volumes: PersistentVolume[] = []
    for (const pods of this.#ofNode.get(node)?.values() ?? []) {
      for (const pod of pods) volumes.push(...this.#volumesOfPod(pod))
    }
    return volumes
  }

  #volumesOfPod(pod: BoundPod): PersistentVolume[] {
    const { namespace } = pod
    return [...this.#references(pod).claims].flatMap((name) => {
      const claim = this.#read<PersistentVolumeClaim>('persistentvolumeclaims', '', name, namespace)
      const volumeName = claim?.spec.volumeName
      const volume = volumeName
        ? this.#read<PersistentVolume>('persistentvolumes', '', volumeName)
        : undefined
      const bound = volume?.spec.claimRef
      return volume && bound?.namespace === namespace && bound.name === name ? volume : []
    })
  }

  #read<T extends object>(
    plural: string,
    group: string,
    name: string,
    namespace = '',
  ): T | undefined {
    const resource = this.#resources.find(group, 'v1', plural)!
    const entry = this.#store.get(resource.keyOf(namespace, name))
    return entry && (resource.parse(entry) as unknown as T)
  }

  #references(pod: BoundPod): PodReferences {
    const entry = this.#store.get(pod.key)!
    if (pod.known?.revision === entry.revision) return pod.known.references
    const references = podReferences(this.#pods.parse(entry) as unknown as Pod)
    pod.known = { revision: entry.revision, references }
    return references
  }

  #putPod({ key, fields, createRevision }: Entry): void {
    const node = fields['spec.nodeName'] ?? ''
    const present = this.#bound.get(key)
    if (present?.node === node && present.createRevision === createRevision) return
    this.#removePod(key)
    if (!node) return
    const namespace = key.slice(this.#pods.prefix.length, key.lastIndexOf('/'))
    const pod = { key, namespace, node, createRevision, known: undefined }
    this.#bound.set(key, pod)
    let spaces = this.#ofNode.get(node)
    if (!spaces) {
      spaces = new Map()
      this.#ofNode.set(node, spaces)
    }
    const pods = spaces.get(namespace)
    if (pods) pods.add(pod)
    else spaces.set(namespace, new Set([pod]))
  }

  #removePod(key: string): void {
    const pod = this.#bound.get(key)
    if (!pod) return
    this.#bound.delete(key)
    const spaces = this.#ofNode.get(pod.node)!
    const pods = spaces.get(pod.namespace)!
    pods.delete(pod)
    if (pods.size) return
    spaces.delete(pod.namespace)
    if (!spaces.size) this.#ofNode.delete(pod.node)
  }
}
