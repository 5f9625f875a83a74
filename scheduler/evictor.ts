/** Makes room: tells the less important pods of a node to leave for one that was promised it. */
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import type { SeriesReporter } from '#client/event-series.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import type { Nominations } from './nominations.ts'
import type { Rescue } from './plugin.ts'
import { PREEMPTED } from './plugins/default-preemption.ts'
import type { PodInfo } from './pod-info.ts'

export interface EvictorParts {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly events: (schedulerName: string) => SeriesReporter
  readonly nominations: Nominations
  /** Takes the node back from a pod that is not bound to it yet; says whether it was one. */
  readonly withdraw: (pod: PodInfo) => boolean
}

export class Evictor {
  readonly #parts: EvictorParts

  constructor(parts: EvictorParts) {
    this.#parts = parts
  }

  /** Whether all victims go, or are gone; never fails otherwise. */
  async makeRoom(preemptor: PodInfo, { nodeName, victims }: Rescue): Promise<boolean> {
    const { nominations, withdraw } = this.#parts
    const taken = [...(nominations.on(nodeName) ?? [])].filter(
      (other) => other.priority < preemptor.priority,
    )
    const told = victims.filter((each) => !each.isTerminating && !nominations.isLeaving(each))
    const left = told.filter((victim) => !withdraw(victim))
    const results = await Promise.all([
      ...taken.map((other) => this.#takeBack(other)),
      ...left.map((victim) => this.#evict(victim, preemptor, nodeName)),
    ])
    return results.every((isDone) => isDone)
  }

  /** The node was promised to a less important pod: that one has to look again. */
  async #takeBack({ key, pod }: PodInfo): Promise<boolean> {
    this.#parts.nominations.remove(key)
    return this.#attempt(pod, () => this.#patch(pod, { nominatedNodeName: null }))
  }

  async #evict(victim: PodInfo, preemptor: PodInfo, nodeName: string): Promise<boolean> {
    const { nominations, client } = this.#parts
    const { pod } = victim
    nominations.leaves(victim)
    const isDone = await this.#attempt(pod, async () => {
      await this.#patch(pod, { conditions: [this.#condition(pod, preemptor)] })
      await client.delete(Pod, pod)
      this.#report(victim, preemptor, nodeName)
    })
    if (!isDone) nominations.forgets(victim)
    return isDone
  }

  #condition({ metadata: { generation } }: Pod, { spec }: PodInfo): object {
    return {
      type: 'DisruptionTarget',
      ...(generation && { observedGeneration: generation }),
      status: 'True',
      lastTransitionTime: epochToTime(Math.floor(this.#parts.clock.now() / 1000)),
      reason: PREEMPTED,
      message: `${spec.schedulerName}: preempting to accommodate a higher priority pod`,
    }
  }

  async #patch({ metadata: { name, namespace, uid } }: Pod, status: object): Promise<void> {
    const options = { type: 'strategic', subresource: 'status' } as const
    const patch = { metadata: { uid }, status }
    await this.#parts.client.patch(Pod, { name, namespace }, patch, options)
  }

  async #attempt({ metadata }: Pod, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      // Gone already, or another pod has its name by now.
      if (isReason(error, 'NotFound', 'Conflict')) return true
      this.#parts.log.warn('pod not preempted', { pod: reference('Pod', metadata), error })
      return false
    }
  }

  #report({ pod }: PodInfo, preemptor: PodInfo, nodeName: string): void {
    const identity = { kind: Pod.kind, apiVersion: Pod.apiVersion }
    this.#parts.events(preemptor.spec.schedulerName).report({
      about: { ...pod, ...identity },
      related: { ...preemptor.pod, ...identity },
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      note: `Preempted by pod ${preemptor.uid} on node ${nodeName}`,
    })
  }
}
