/** Brings the status of one pod to the API server: the newest, however long that takes. */
import { Pod } from '#api/kinds/core/pod.ts'
import type { PodStatus } from '#api/parts/core/pod-status.ts'
import { isReason } from '#api/status.ts'
import { Backoff } from '#client/backoff.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { statusPatch } from './status-patch.ts'

export interface StatusWriterParts {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Hears of the object as the server has it now. */
  onWritten(pod: Pod): void
  /** The object is gone, or another one has its name. */
  onGone(): void
}

const retryTimes = { initialMs: 500, maxMs: 10_000, jitter: 0.2, resetAfterMs: 60_000 }

export class StatusWriter implements Disposable {
  readonly #parts: StatusWriterParts
  readonly #stopping = new AbortController()
  readonly #backoff: Backoff
  #stored: Pod
  #wanted: PodStatus | undefined
  #writing: Promise<void> | undefined

  constructor(stored: Pod, parts: StatusWriterParts) {
    this.#stored = stored
    this.#parts = parts
    this.#backoff = new Backoff(retryTimes, parts.clock, parts.random)
  }

  /** What was wanted last is what the server has. */
  get isWritten(): boolean {
    return this.#writing === undefined
  }

  /** The object as it was seen last; the patch is made against it. */
  seen(pod: Pod): void {
    this.#stored = pod
  }

  write(status: PodStatus): void {
    this.#wanted = status
    if (this.#writing || !statusPatch(this.#stored.status, status)) return
    this.#writing = this.#write()
  }

  [Symbol.dispose](): void {
    this.#stopping.abort(new DOMException('the kubelet is stopping', 'AbortError'))
  }

  async #write(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const patch = this.#wanted && statusPatch(this.#stored.status, this.#wanted)
      if (!patch) break
      try {
        if (!(await this.#send(patch, signal))) break
        this.#backoff.reset()
      } catch (error) {
        if (signal.aborted) break
        const { name, namespace } = this.#stored.metadata
        this.#parts.log.warn('status not written', { pod: `${namespace}/${name}`, error })
        await this.#backoff.wait(signal).catch(() => undefined)
      }
    }
    this.#writing = undefined
    if (!signal.aborted) this.#parts.onWritten(this.#stored)
  }

  /** False when there is nothing to write to any more. */
  async #send(status: object, signal: AbortSignal): Promise<boolean> {
    const { client, onGone } = this.#parts
    const { metadata } = this.#stored
    const target = { name: metadata.name, namespace: metadata.namespace }
    const body = { metadata: { uid: metadata.uid }, status }
    try {
      const options = { type: 'strategic', subresource: 'status', signal } as const
      this.#stored = await client.patch(Pod, target, body, options)
      return true
    } catch (error) {
      const isGone = isReason(error, 'NotFound') || (await this.#isReplaced(error, signal))
      if (!isGone) throw error
      onGone()
      return false
    }
  }

  /** A conflict about the uid: the object of this name is another one. */
  async #isReplaced(error: unknown, signal: AbortSignal): Promise<boolean> {
    if (!isReason(error, 'Conflict', 'Invalid')) return false
    const { metadata } = this.#stored
    const target = { name: metadata.name, namespace: metadata.namespace }
    const present = await this.#parts.client.find(Pod, target, { signal })
    return present?.metadata.uid !== metadata.uid
  }
}
