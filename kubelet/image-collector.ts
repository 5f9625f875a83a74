/** Removes images that nobody uses when the disk fills up: only those that kubelets pulled. */
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { type ImageRecord, type ImageThresholds, planCollection } from './image-collection.ts'
import type { Runtime } from './runtime.ts'
import type { FileSystemFigures } from './stats/node-figures.ts'

export interface ImageCollectorParts {
  readonly runtime: Pick<Runtime, 'images' | 'list'>
  /** Of the disk that holds the images; undefined where it cannot be seen. */
  readonly disk: () => Promise<FileSystemFigures | undefined>
  readonly thresholds: ImageThresholds
  readonly clock: Clock
  readonly log: Log
  /** For an event of the node. */
  readonly warn: (reason: 'FreeDiskSpaceFailed', message: string) => void
}

/** As upstream. */
const PERIOD_MS = 300_000

export class ImageCollector implements AsyncDisposable {
  readonly #parts: ImageCollectorParts
  #records: ReadonlyMap<string, ImageRecord> = new Map()
  #timer: Timer | undefined
  #work: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(parts: ImageCollectorParts) {
    this.#parts = parts
    this.#schedule()
  }

  /** One round, at once: also for a node that is under pressure. Never throws. */
  collect(): Promise<void> {
    this.#work = this.#work.then(() => this.#round())
    return this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    await this.#work
  }

  #schedule(): void {
    const round = (): void => void this.collect().finally(() => this.#schedule())
    if (this.#isOver) return
    this.#timer = this.#parts.clock.setTimeout(round, PERIOD_MS, { background: true })
  }

  async #round(): Promise<void> {
    const { log } = this.#parts
    if (this.#isOver) return
    try {
      await this.#collect()
    } catch (error) {
      log.warn('images not collected, trying again later', { error })
    }
  }

  async #collect(): Promise<void> {
    const { runtime, disk, thresholds, clock, warn, log } = this.#parts
    const [images, pods, figures] = await Promise.all([
      runtime.images.list(),
      runtime.list(),
      disk(),
    ])
    const used = new Set(pods.flatMap(({ containers }) => containers.map((each) => each.imageId)))
    const facts = { images, used, records: this.#records, disk: figures, nowMs: clock.monotonic() }
    const plan = planCollection(facts, thresholds)
    this.#records = plan.records
    let freedBytes = 0
    for (const { id, names, sizeBytes } of plan.remove) {
      if (freedBytes >= plan.wantedBytes) break
      try {
        await runtime.images.remove(id)
        freedBytes += sizeBytes
        log.info('image removed', { image: names[0] ?? id, sizeBytes })
      } catch (error) {
        // Somebody uses it after all, or it has gone by itself.
        log.info('image not removed', { image: names[0] ?? id, error })
      }
    }
    if (freedBytes >= plan.wantedBytes) return
    warn(
      'FreeDiskSpaceFailed',
      `Failed to garbage collect required amount of images. Attempted to free ` +
        `${plan.wantedBytes} bytes, but only found ${freedBytes} bytes eligible to free.`,
    )
  }
}
