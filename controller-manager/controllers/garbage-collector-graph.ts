/** Who belongs to whom, as far as has been seen: objects by UID, with what names them as owner. */
import type { ObjectMeta, OwnerReference } from '#api/parts/meta/object-meta.ts'
import type { DiscoveredResource } from '../discovered-resources.ts'

export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

export interface GraphNode {
  readonly uid: string
  /** Undefined while it is known only as the owner of others. */
  readonly seen: SeenObject | undefined
  readonly dependents: ReadonlySet<GraphNode>
}

export interface SeenObject {
  readonly resource: DiscoveredResource
  readonly metadata: ObjectMeta
}

interface ChangingNode extends GraphNode {
  seen: SeenObject | undefined
  readonly dependents: Set<ChangingNode>
}

export const ownersOf = ({ seen }: GraphNode): readonly OwnerReference[] =>
  seen?.metadata.ownerReferences ?? []

const isGoingWith = ({ seen }: GraphNode, finalizer: string): boolean =>
  Boolean(seen?.metadata.deletionTimestamp && seen.metadata.finalizers?.includes(finalizer))

/** It is to go when its dependents have gone. */
export const isForeground = (node: GraphNode): boolean => isGoingWith(node, FOREGROUND)

/** It is to go when its dependents have forgotten it. */
export const isOrphaning = (node: GraphNode): boolean => isGoingWith(node, ORPHAN)

/** Those that a foreground deletion waits for. */
export function blockingDependents(node: GraphNode): GraphNode[] {
  return [...node.dependents].filter((dependent) =>
    ownersOf(dependent).some(
      ({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion,
    ),
  )
}

/** Whether a reference says of an object that was seen what it is and where it is. */
export function isMeant(
  { apiVersion, kind, name }: OwnerReference,
  { resource, metadata }: SeenObject,
  namespace: string | undefined,
): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  if (group !== resource.group || kind !== resource.kind || name !== metadata.name) return false
  return !metadata.namespace || metadata.namespace === namespace
}

/** Each change gives the UIDs of the objects that there may be something to do about. */
export class DependencyGraph {
  readonly #nodes = new Map<string, ChangingNode>()

  get size(): number {
    return this.#nodes.size
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  put(resource: DiscoveredResource, metadata: ObjectMeta): ReadonlySet<string> {
    const node = this.#node(metadata.uid)
    const before = ownersOf(node)
    node.seen = { resource, metadata }
    const after = ownersOf(node)
    for (const { uid } of after) this.#node(uid).dependents.add(node)
    const concerned = new Set(this.#waiting([...before, ...after]))
    for (const { uid } of before) {
      if (!after.some((each) => each.uid === uid)) this.#unlink(uid, node)
    }
    if (isForeground(node) || isOrphaning(node)) concerned.add(node.uid)
    if (after.some((each) => this.#isDoubtful(each, metadata.namespace))) concerned.add(node.uid)
    // Those that name it although it is something else, or somewhere else.
    for (const dependent of node.dependents) {
      const { namespace } = dependent.seen?.metadata ?? {}
      const reference = ownersOf(dependent).find(({ uid }) => uid === node.uid)
      if (reference && !isMeant(reference, node.seen, namespace)) concerned.add(dependent.uid)
    }
    return concerned
  }

  /** It is gone, or nobody tells of it any more. */
  remove(uid: string): ReadonlySet<string> {
    const node = this.#nodes.get(uid)
    if (!node?.seen) return new Set()
    const owners = ownersOf(node)
    node.seen = undefined
    for (const owner of owners) this.#unlink(owner.uid, node)
    this.#dropUnused(node)
    const dependents = [...node.dependents].map((dependent) => dependent.uid)
    return new Set([...dependents, ...this.#waiting(owners)])
  }

  /** UIDs of all that was seen of a resource. */
  *of({ group, plural }: DiscoveredResource): Iterable<string> {
    for (const { uid, seen } of this.#nodes.values()) {
      if (seen?.resource.group === group && seen.resource.plural === plural) yield uid
    }
  }

  #node(uid: string): ChangingNode {
    const known = this.#nodes.get(uid)
    if (known) return known
    const node: ChangingNode = { uid, seen: undefined, dependents: new Set() }
    this.#nodes.set(uid, node)
    return node
  }

  #unlink(owner: string, dependent: ChangingNode): void {
    const node = this.#nodes.get(owner)
    if (!node) return
    node.dependents.delete(dependent)
    this.#dropUnused(node)
  }

  #dropUnused(node: ChangingNode): void {
    if (!node.seen && node.dependents.size === 0) this.#nodes.delete(node.uid)
  }

  /** Owners that go when their dependents have gone: each change of one may be the last. */
  #waiting(owners: readonly OwnerReference[]): string[] {
    return owners
      .map(({ uid }) => this.#nodes.get(uid))
      .filter((owner) => owner !== undefined && isForeground(owner))
      .map((owner) => owner!.uid)
  }

  #isDoubtful(reference: OwnerReference, namespace: string | undefined): boolean {
    const owner = this.#nodes.get(reference.uid)
    if (!owner?.seen) return true
    return isForeground(owner) || !isMeant(reference, owner.seen, namespace)
  }
}
