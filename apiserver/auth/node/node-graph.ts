/**
 * Which objects a node has to do with. Only the pods of each node are followed, by a field that
 * stands beside their bytes; what they refer to is read when their node asks for something.
 */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Resource, ResourceTable } from '../../resources.ts'
import type { Entry, Store } from '../../store/store.ts'
import { FollowedKeys } from '../followed-keys.ts'
import { type PodReferences, podReferences } from './pod-references.ts'
import { volumeSecrets } from './volume-secrets.ts'

interface KnownReferences {
  readonly revision: number
  readonly createRevision: number
  readonly references: PodReferences
}

export class NodeGraph implements Disposable {
  readonly #store: Store
  readonly #resources: ResourceTable
  readonly #pods: Resource
  readonly #podsOfNode = new Map<string, Set<string>>()
  readonly #nodeOfPod = new Map<string, string>()
  /** By the key of the pod. */
  readonly #known = new Map<string, KnownReferences>()
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
    return this.#nodeOfPod.get(this.#pods.keyOf(namespace, name)) === node
  }

  /** Whether a pod of the node in this namespace satisfies `refers`. */
  hasPodThat(
    node: string,
    namespace: string,
    refers: (references: PodReferences) => boolean,
  ): boolean {
    const prefix = this.#pods.prefixOf(namespace)
    const keys = [...(this.#podsOfNode.get(node) ?? [])].filter((key) => key.startsWith(prefix))
    // What a pod refers to only grows, so that what was known of it still holds.
    if (keys.some((key) => this.#refersAsKnown(key, refers))) return true
    return keys.some((key) => refers(this.#references(key)))
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
    for (const key of this.#podsOfNode.get(node) ?? []) {
      const namespace = key.slice(this.#pods.prefix.length).split('/')[0]!
      for (const name of this.#references(key).claims) {
        const claim = this.#read<PersistentVolumeClaim>(
          'persistentvolumeclaims',
          '',
          name,
          namespace,
        )
        const volumeName = claim?.spec.volumeName
        if (!volumeName) continue
        const volume = this.#read<PersistentVolume>('persistentvolumes', '', volumeName)
        const bound = volume?.spec.claimRef
        if (bound?.namespace === namespace && bound.name === name) volumes.push(volume!)
      }
    }
    return volumes
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

  #refersAsKnown(key: string, refers: (references: PodReferences) => boolean): boolean {
    const known = this.#known.get(key)
    return known !== undefined && refers(known.references)
  }

  #references(key: string): PodReferences {
    const known = this.#known.get(key)
    const entry = this.#store.get(key)!
    if (known?.revision === entry.revision) return known.references
    const references = podReferences(this.#pods.parse(entry) as unknown as Pod)
    const { revision, createRevision } = entry
    this.#known.set(key, { revision, createRevision, references })
    return references
  }

  #putPod({ key, fields, createRevision }: Entry): void {
    const known = this.#known.get(key)
    if (known && known.createRevision !== createRevision) this.#known.delete(key)
    const node = fields['spec.nodeName'] ?? ''
    if (this.#nodeOfPod.get(key) === node) return
    this.#removePod(key)
    if (!node) return
    this.#nodeOfPod.set(key, node)
    const pods = this.#podsOfNode.get(node)
    if (pods) pods.add(key)
    else this.#podsOfNode.set(node, new Set([key]))
  }

  #removePod(key: string): void {
    this.#known.delete(key)
    const node = this.#nodeOfPod.get(key)
    if (node === undefined) return
    this.#nodeOfPod.delete(key)
    const pods = this.#podsOfNode.get(node)!
    pods.delete(key)
    if (!pods.size) this.#podsOfNode.delete(node)
  }
}
