/**
 * The cluster as decisions see it: nodes, and the pods on them, also those whose binding is still
 * under way. It is kept up to date change by change, never built anew. A decision runs to its end
 * without waiting for anything, so that nothing changes under it: for its time this is frozen.
 */
import type { Node } from '#api/kinds/core/node.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { NodeInfo } from './node-info.ts'
import { type PodInfo, podInfoAfter } from './pod-info.ts'
import { Tallies } from './tallies.ts'
import { TermGroups } from './term-groups.ts'

interface Placed {
  readonly nodeName: string
  readonly pod: PodInfo
  /** Decided here, and not seen in the API yet. */
  readonly isAssumed: boolean
}

export class Snapshot {
  readonly #nodes = new Map<string, NodeInfo>()
  readonly #placed = new Map<string, Placed>()
  /** How many pods of which kind are where. */
  readonly tallies = new Tallies(() => this.#nodes.values())
  /** What the pods say about others. */
  readonly terms = new TermGroups(() => this.#nodes.values())
  readonly #imageNodes = new Map<string, number>()
  readonly #freeSlots: number[] = []
  #slots = 0
  #ordered: readonly NodeInfo[] | undefined

  /** All known nodes, of each zone in turn, so that the first ones are not all in one zone. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= zonesInTurn([...this.#nodes.values()].filter(({ isKnown }) => isKnown))
    return this.#ordered
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
    const { isKnown, zone } = info
    this.#renew(info, node)
    if (!isKnown || zone !== info.zone) this.#ordered = undefined
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (!info) return
    this.#renew(info, undefined)
    this.#ordered = undefined
    this.#drop(info)
  }

  /** A pod that is bound, as the API shows it. */
  setPod(pod: Pod): PodInfo {
    const { namespace = '', name } = pod.metadata
    const placed = this.#placed.get(`${namespace}/${name}`)
    const info = podInfoAfter(placed?.pod, pod)
    const nodeName = pod.spec.nodeName ?? ''
    if (placed?.nodeName === nodeName && isCountedAlike(placed.pod, info)) {
      this.#nodes.get(nodeName)?.replace(info)
      this.#placed.set(info.key, { nodeName, pod: info, isAssumed: false })
    } else this.#place(info, nodeName, false)
    return info
  }

  /** Counts a pod on the node that was chosen for it. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#place(pod, nodeName, true)
  }

  /** Its binding has failed; what the API has shown meanwhile stays. Says whether it was there. */
  forget({ key, uid }: PodInfo): boolean {
    if (!this.isAssumed(key, uid)) return false
    this.removePod(key)
    return true
  }

  /** Whether it was decided here where this very pod goes, and the API has not shown it yet. */
  isAssumed(key: string, uid: string): boolean {
    const placed = this.#placed.get(key)
    return placed?.pod.uid === uid && placed.isAssumed
  }

  /** The pod as it is known on its node. */
  placed(key: string): PodInfo | undefined {
    return this.#placed.get(key)?.pod
  }

  nodeNameOf(key: string): string {
    return this.#placed.get(key)?.nodeName ?? ''
  }

  removePod(key: string): void {
    const placed = this.#placed.get(key)
    if (!placed) return
    this.#placed.delete(key)
    const info = this.#nodes.get(placed.nodeName)
    if (!info) return
    info.remove(key)
    this.tallies.count(placed.pod, info, -1)
    this.terms.count(placed.pod, info, -1)
    this.#drop(info)
  }

  #place(pod: PodInfo, nodeName: string, isAssumed: boolean): void {
    this.removePod(pod.key)
    const info = this.#nodeFor(nodeName)
    info.add(pod)
    this.tallies.count(pod, info, 1)
    this.terms.count(pod, info, 1)
    this.#placed.set(pod.key, { nodeName, pod, isAssumed })
  }

  #nodeFor(name: string): NodeInfo {
    const known = this.#nodes.get(name)
    if (known) return known
    const info = new NodeInfo(name, this.#freeSlots.pop() ?? this.#slots++)
    this.#nodes.set(name, info)
    return info
  }

  /** Keeps what is derived from the node itself. */
  #renew(info: NodeInfo, node: Node | undefined): void {
    const { labels, images } = info
    this.#countImages(images, -1)
    info.setNode(node)
    this.#countImages(info.images, 1)
    if (info.pods.size === 0 || sameJson(labels, info.labels)) return
    this.tallies.relabel()
    this.terms.relabel()
  }

  /** Nothing is left of a node without node and pods. */
  #drop({ isKnown, pods, name, slot }: NodeInfo): void {
    if (isKnown || pods.size > 0 || !this.#nodes.delete(name)) return
    this.#freeSlots.push(slot)
  }

  #countImages(images: ReadonlyMap<string, number>, by: 1 | -1): void {
    for (const name of images.keys()) {
      const count = this.imageNodes(name) + by
      if (count === 0) this.#imageNodes.delete(name)
      else this.#imageNodes.set(name, count)
    }
  }
}

/** What it asks for cannot have changed: that would be another generation. */
function isCountedAlike(before: PodInfo, now: PodInfo): boolean {
  return (
    before.uid === now.uid &&
    before.requests === now.requests &&
    before.isTerminating === now.isTerminating &&
    sameJson(before.labels, now.labels)
  )
}

function zonesInTurn(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = [...Map.groupBy(nodes, ({ zone }) => zone).values()]
  const longest = Math.max(0, ...zones.map(({ length }) => length))
  const turns = Array.from({ length: longest }, (_, turn) => zones.map((zone) => zone[turn]))
  return turns.flat().filter((node) => node !== undefined)
}
