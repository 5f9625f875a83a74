/** Sees to it that the image of a container is on the node, as its pull policy wants. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Secret } from '#api/kinds/core/secret.ts'
import { parseImageReference } from '#api/rules/image-reference.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Clock } from '#daemon/clock.ts'
import { formatDurationMs } from '#daemon/duration.ts'
import { type BackOff, heldUntil, raised } from './back-off.ts'
import type { EnvironmentSources } from './environment.ts'
import { fieldPathOf, type PodContainer } from './pod-containers.ts'
import type { Waiting } from './pod-memory.ts'
import { credentialsFor } from './registry-credentials.ts'
import { type Image, ImageError, type Images, type RegistryCredentials } from './runtime.ts'

/** Why a container waits for its image. */
export class ImageProblem extends Error implements Waiting {
  override readonly name = 'ImageProblem'
  readonly reason: string
  readonly retryAtMs: number

  constructor(reason: string, message: string, retryAtMs: number) {
    super(message)
    this.reason = reason
    this.retryAtMs = retryAtMs
  }
}

export interface ImagePullerParts {
  readonly images: Images
  readonly sources: Pick<EnvironmentSources, 'secret'>
  readonly events: EventRecorder
  readonly clock: Clock
}

interface Failed {
  readonly backOff: BackOff
  readonly atMs: number
  readonly problem: string
}

interface Pull {
  readonly image: Promise<Image>
  readonly controller: AbortController
  waiting: number
}

/** What can only change by somebody's hand is looked at again so often. */
const RETRY_MS = 10_000
/** The failure itself is shown for a moment before it is said that we wait. */
const SHOWN_MS = 2000

export class ImagePuller {
  readonly #parts: ImagePullerParts
  /** By pod and image. */
  readonly #failed = new Map<string, Failed>()
  /** Several pods that want the same image as the same users wait for one pull. */
  readonly #pulls = new Map<string, Pull>()

  constructor(parts: ImagePullerParts) {
    this.#parts = parts
  }

  /** Throws ImageProblem. */
  async ensure(pod: Pod, each: PodContainer, signal: AbortSignal): Promise<Image> {
    const { clock, images, events } = this.#parts
    const { image: name = '', imagePullPolicy: policy } = each.container
    const fieldPath = fieldPathOf(each)
    if (!parseImageReference(name)) {
      const problem = `couldn't parse image name "${name}": invalid reference format`
      const message = `Failed to apply default image tag "${name}": ${problem}`
      events.warning(pod, 'InspectFailed', message, { fieldPath })
      throw this.#problem(pod, fieldPath, 'InvalidImageName', message)
    }
    if (policy !== 'Always') {
      const present = await images.find(name)
      if (present) {
        const text = 'already present on machine and can be accessed by the pod'
        events.normal(pod, 'Pulled', `Container image "${name}" ${text}`, { fieldPath })
        return present
      }
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`
      events.warning(pod, 'ErrImageNeverPull', message, { fieldPath })
      throw this.#problem(pod, fieldPath, 'ErrImageNeverPull', message)
    }
    this.#checkBackOff(pod, name, fieldPath)
    const begunAt = clock.monotonic()
    events.normal(pod, 'Pulling', `Pulling image "${name}"`, { fieldPath })
    try {
      const image = await this.#pull(pod, name, signal)
      this.#failed.delete(keyOf(pod, name))
      const took = formatDurationMs(Math.round(clock.monotonic() - begunAt))
      const size = `Image size: ${image.sizeBytes} bytes.`
      const message = `Successfully pulled image "${name}" in ${took} (${took} including waiting). ${size}`
      events.normal(pod, 'Pulled', message, { fieldPath })
      return image
    } catch (error) {
      signal.throwIfAborted()
      throw this.#failure(pod, name, fieldPath, error)
    }
  }

  /** A pod that is gone begins anew, should it come back. */
  forget(podUid: string): void {
    for (const key of this.#failed.keys()) {
      if (key.startsWith(`${podUid} `)) this.#failed.delete(key)
    }
  }

  #checkBackOff(pod: Pod, name: string, fieldPath: string): void {
    const { clock, events } = this.#parts
    const failed = this.#failed.get(keyOf(pod, name))
    if (!failed) return
    const untilMs = heldUntil(failed.backOff, failed.atMs, clock.now())
    if (untilMs === undefined) return
    const text = `Back-off pulling image "${name}"`
    events.normal(pod, 'BackOff', text, { fieldPath })
    events.warning(pod, 'Failed', 'Error: ImagePullBackOff', { fieldPath })
    throw new ImageProblem('ImagePullBackOff', `${text}: ${failed.problem}`, untilMs)
  }

  #failure(pod: Pod, name: string, fieldPath: string, error: unknown): ImageProblem {
    const { clock, events } = this.#parts
    const key = keyOf(pod, name)
    const { reason, message } =
      error instanceof ImageError
        ? error
        : { reason: 'ErrImagePull', message: (error as Error).message }
    const nowMs = clock.now()
    const backOff = raised(this.#failed.get(key)?.backOff, nowMs)
    this.#failed.set(key, { backOff, atMs: nowMs, problem: `${reason}: ${message}` })
    events.warning(pod, 'Failed', `Failed to pull image "${name}": ${message}`, { fieldPath })
    events.warning(pod, 'Failed', `Error: ${reason}`, { fieldPath })
    return new ImageProblem(reason, message, nowMs + SHOWN_MS)
  }

  #problem(pod: Pod, fieldPath: string, reason: string, message: string): ImageProblem {
    const { clock, events } = this.#parts
    events.warning(pod, 'Failed', `Error: ${reason}`, { fieldPath })
    return new ImageProblem(reason, message, clock.now() + RETRY_MS)
  }

  async #pull(pod: Pod, name: string, signal: AbortSignal): Promise<Image> {
    const credentials = credentialsFor(name, await this.#secrets(pod))
    const pull = this.#shared(pod, name, credentials)
    pull.waiting++
    const leave = (): void => {
      if (--pull.waiting === 0) pull.controller.abort(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await pull.image
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  #shared(pod: Pod, name: string, credentials: readonly RegistryCredentials[]): Pull {
    const key = JSON.stringify([name, credentials])
    const running = this.#pulls.get(key)
    if (running && !running.controller.signal.aborted) return running
    const controller = new AbortController()
    const { uid, name: podName, namespace = '' } = pod.metadata
    const options = {
      pod: { uid, name: podName, namespace },
      credentials,
      signal: controller.signal,
    }
    const image = this.#parts.images.pull(name, options).finally(() => {
      if (this.#pulls.get(key) === pull) this.#pulls.delete(key)
    })
    const pull: Pull = { image, controller, waiting: 0 }
    this.#pulls.set(key, pull)
    return pull
  }

  async #secrets(pod: Pod): Promise<Secret[]> {
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []))
    const { sources, events } = this.#parts
    const found = await Promise.all(
      names.map((name) => sources.secret(pod.metadata.namespace!, name)),
    )
    const missing = names.filter((_, at) => !found[at])
    if (missing.length > 0) {
      const text = `Unable to retrieve some image pull secrets (${missing.join(', ')}); `
      const rest = 'attempting to pull the image may not succeed.'
      events.warning(pod, 'FailedToRetrieveImagePullSecret', `${text}${rest}`)
    }
    return found.filter((secret) => secret !== undefined)
  }
}

const keyOf = ({ metadata }: Pod, image: string): string => `${metadata.uid} ${image}`
