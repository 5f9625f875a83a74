/** Nodes that pods were promised before there is room: others are still leaving them. */
import type { PodInfo } from './pod-info.ts'

interface Nomination {
  readonly pod: PodInfo
  readonly nodeName: string
}

export class Nominations {
  readonly #byPod = new Map<string, Nomination>()
  readonly #byNode = new Map<string, Map<string, PodInfo>>()
  /** UIDs of pods that were told to leave for another one, and have not been seen doing so. */
  readonly #leaving = new Set<string>()

  nodeOf({ key, uid }: PodInfo): string | undefined {
    const known = this.#byPod.get(key)
    return known?.pod.uid === uid ? known.nodeName : undefined
  }

  get isEmpty(): boolean {
    return this.#byPod.size === 0
  }

  /** Pods that were promised the node. */
  on(nodeName: string): Iterable<PodInfo> | undefined {
    return this.#byNode.get(nodeName)?.values()
  }

  set(pod: PodInfo, nodeName: string): void {
    this.remove(pod.key)
    this.#byPod.set(pod.key, { pod, nodeName })
    const there = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>()
    this.#byNode.set(nodeName, there.set(pod.key, pod))
  }

  /** The pod has changed, its promise has not. */
  refresh(pod: PodInfo): void {
    const nodeName = this.nodeOf(pod)
    if (nodeName !== undefined) this.set(pod, nodeName)
  }

  /** The node that was promised, if one was. */
  remove(key: string): string | undefined {
    const known = this.#byPod.get(key)
    if (!known) return undefined
    this.#byPod.delete(key)
    const there = this.#byNode.get(known.nodeName)
    there?.delete(key)
    if (there?.size === 0) this.#byNode.delete(known.nodeName)
    return known.nodeName
  }

  isLeaving({ uid }: PodInfo): boolean {
    return this.#leaving.has(uid)
  }

  leaves({ uid }: PodInfo): void {
    this.#leaving.add(uid)
  }

  /** It is gone, or does not go after all. */
  forgets({ uid }: PodInfo): void {
    this.#leaving.delete(uid)
  }
}
