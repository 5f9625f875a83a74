/** Reads, once for each container that has ended, what it left to be said. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { lastWordsOf } from './last-words.ts'
import { containersOf } from './pod-containers.ts'
import type { PodJobs } from './pod-jobs.ts'
import type { PodParts } from './pod-parts.ts'
import type { ObservedContainer, ObservedPod } from './runtime.ts'

export class LastWords {
  readonly #jobs: PodJobs
  readonly #parts: Pick<PodParts, 'runtime' | 'provisions'>

  constructor(jobs: PodJobs, parts: Pick<PodParts, 'runtime' | 'provisions'>) {
    this.#jobs = jobs
    this.#parts = parts
  }

  async read(pod: Pod, observed: ObservedPod, signal: AbortSignal): Promise<void> {
    for (const { container } of containersOf(pod)) {
      const ended = observed.containers.filter(
        ({ name, state }) => name === container.name && state === 'exited',
      )
      const known = this.#jobs.of(container.name).lastWords
      if (ended.length === 0 || ended.every(({ id }) => known?.has(id))) continue
      const words = new Map<string, string>()
      for (const each of ended) {
        const text = known?.get(each.id) ?? (await this.#of(pod, container, each, signal))
        words.set(each.id, text)
      }
      this.#jobs.remember(container.name, { lastWords: words })
    }
  }

  async #of(
    { metadata }: Pod,
    container: Parameters<typeof lastWordsOf>[0],
    ended: ObservedContainer,
    signal: AbortSignal,
  ): Promise<string> {
    const { runtime, provisions } = this.#parts
    const written = await provisions.lastWords(metadata.uid, container.name, ended.attempt)
    return lastWordsOf(container, ended, written, runtime, signal)
  }
}
