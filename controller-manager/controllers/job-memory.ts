/** What a process remembers of Jobs; all of it can be lost, at the price of a shorter delay. */
import type { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { keyOf, type Reference } from '#client/resource.ts'
import { type FinishedPod, recentlyFinished } from './job-backoff.ts'
import { isTracked } from './job-pods.ts'

export interface JobMemory {
  /** Pods that have ended of late. They may be gone: then only this says how to go on. */
  readonly finished: readonly FinishedPod[]
  /** UIDs of pods that have been released, though the cache does not show it yet. */
  readonly released: ReadonlySet<string>
}

const blank: JobMemory = { finished: [], released: new Set() }

interface Remembered extends JobMemory {
  readonly uid: string
}

export class JobMemories {
  readonly #jobs = new Map<string, Remembered>()

  /** What is known, brought up to date by the pods that are there. */
  refreshed(job: Job, pods: readonly Pod[]): JobMemory {
    const { finished, released } = this.#of(job)
    const tracked = pods.filter(isTracked).map(({ metadata }) => metadata.uid)
    return this.#put(job, {
      finished: recentlyFinished(finished, pods, job),
      released: new Set(tracked.filter((uid) => released.has(uid))),
    })
  }

  noteReleased(job: Job, uids: Iterable<string>): void {
    const { finished, released } = this.#of(job)
    this.#put(job, { finished, released: new Set([...released, ...uids]) })
  }

  forget(reference: Reference): void {
    this.#jobs.delete(keyOf(reference))
  }

  #of({ metadata }: Job): JobMemory {
    const known = this.#jobs.get(keyOf(metadata))
    return known?.uid === metadata.uid ? known : blank
  }

  #put({ metadata }: Job, memory: JobMemory): JobMemory {
    this.#jobs.set(keyOf(metadata), { ...memory, uid: metadata.uid })
    return memory
  }
}
