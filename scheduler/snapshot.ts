/**
 * The cluster as decisions see it: nodes, and the pods on them, also those whose binding is still
 * under way. It is kept up to date change by change, never built anew. A decision runs to its end
 * without waiting for anything, so that nothing changes under it: for its time this is frozen.
 */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { NodeInfo } from './node-info.ts'
import { type PodInfo, podInfo } from './pod-info.ts'

interface Placed {
  readonly nodeName: string
  readonly uid: string
  /** Decided here, and not seen in the API yet. */
  readonly isAssumed: boolean
}

export class Snapshot {
  readonly #nodes = new Map<string, NodeInfo>()
  readonly #placed = new Map<string, Placed>()
  /** Known nodes that have pods with rules about other pods. */
  readonly #withAffinity = new Set<NodeInfo>()
  readonly #withAntiAffinity = new Set<NodeInfo>()
  readonly #imageNodes = new Map<string, number>()
  #ordered: readonly NodeInfo[] | undefined

  /** All known nodes, of each zone in turn, so that the first ones are not all in one zone. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= zonesInTurn([...this.#nodes.values()].filter(({ isKnown }) => isKnown))
    return this.#ordered
  }

  get nodesWithAffinity(): ReadonlySet<NodeInfo> {
    return this.#withAffinity
  }

  get nodesWithAntiAffinity(): ReadonlySet<NodeInfo> {
    return this.#withAntiAffinity
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name)
    return info?.isKnown ? info : undefined
  }

  /** On how many nodes an image lies. */
  imageNodes(name: string): number {
    return this.#imageNodes.get(name) ?? 0
  }

  setNode(node: Node): void {
    const info = this.#nodeFor(node.metadata.name)
    const { isKnown, zone, images } = info
    this.#countImages(images, -1)
    info.setNode(node)
    this.#countImages(info.images, 1)
    if (!isKnown || zone !== info.zone) this.#ordered = undefined
    this.#index(info)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (!info) return
    this.#countImages(info.images, -1)
    info.setNode(undefined)
    this.#ordered = undefined
    this.#index(info)
  }

  /** A pod that is bound, as the API shows it. */
  setPod(pod: Pod): void {
    this.#place(podInfo(pod), pod.spec.nodeName ?? '', false)
  }

  /** Counts a pod on the node that was chosen for it. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#place(pod, nodeName, true)
  }

  /** Its binding has failed; what the API has shown meanwhile stays. Says whether it was there. */
  forget({ key, uid }: PodInfo): boolean {
    const placed = this.#placed.get(key)
    if (!placed?.isAssumed || placed.uid !== uid) return false
    this.removePod(key)
    return true
  }

  /** Whether it was decided here where this very pod goes, and the API has not shown it yet. */
  isAssumed(key: string, uid: string): boolean {
    const placed = this.#placed.get(key)
    return placed?.uid === uid && placed.isAssumed
  }

  isPlaced(key: string): boolean {
    return this.#placed.has(key)
  }

  removePod(key: string): void {
    const placed = this.#placed.get(key)
    if (!placed) return
    this.#placed.delete(key)
    const info = this.#nodes.get(placed.nodeName)
    info?.remove(key)
    if (info) this.#index(info)
  }

  #place(pod: PodInfo, nodeName: string, isAssumed: boolean): void {
    this.removePod(pod.key)
    const info = this.#nodeFor(nodeName)
    info.add(pod)
    this.#placed.set(pod.key, { nodeName, uid: pod.uid, isAssumed })
    this.#index(info)
  }

  #nodeFor(name: string): NodeInfo {
    const known = this.#nodes.get(name)
    if (known) return known
    const info = new NodeInfo(name)
    this.#nodes.set(name, info)
    return info
  }

  /** Keeps what is derived from one node; one without node and pods is dropped. */
  #index(info: NodeInfo): void {
    const { isKnown, pods, withAffinity, withAntiAffinity, name } = info
    if (isKnown && withAffinity.size > 0) this.#withAffinity.add(info)
    else this.#withAffinity.delete(info)
    if (isKnown && withAntiAffinity.size > 0) this.#withAntiAffinity.add(info)
    else this.#withAntiAffinity.delete(info)
    if (!isKnown && pods.size === 0) this.#nodes.delete(name)
  }

  #countImages(images: ReadonlyMap<string, number>, by: 1 | -1): void {
    for (const name of images.keys()) {
      const count = this.imageNodes(name) + by
      if (count === 0) this.#imageNodes.delete(name)
      else this.#imageNodes.set(name, count)
    }
  }
}

function zonesInTurn(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = [...Map.groupBy(nodes, ({ zone }) => zone).values()]
  const longest = Math.max(0, ...zones.map(({ length }) => length))
  const turns = Array.from({ length: longest }, (_, turn) => zones.map((zone) => zone[turn]))
  return turns.flat().filter((node) => node !== undefined)
}
