/** Images on an Engine: found, pulled, and removed where a kubelet has brought them. */
import type { Clock } from '#daemon/clock.ts'
import type { Engine } from '#engine/engine.ts'
import { EngineError, unlessMissing } from '#engine/engine-error.ts'
import type { ImageDetails, ImageSummary } from '#engine/types.ts'
import {
  type Image,
  ImageError,
  type Images,
  type PullOptions,
  type RegistryCredentials,
} from '../runtime.ts'
import type { ImageJournal } from './image-journal.ts'
import { type EngineReference, engineReference, imageName } from './image-reference.ts'

export interface DockerImagesOptions {
  readonly engine: Engine
  readonly journal: ImageJournal
  readonly clock: Clock
}

/** A pull that makes no progress for so long is given up; the back-off tries it again. */
const PROGRESS_TIMEOUT_MS = 60_000
/** An id, whole or its beginning, as `docker images` prints it. */
const ID = /^(sha256:)?[a-f0-9]{12,64}$/

export class DockerImages implements Images {
  readonly #options: DockerImagesOptions

  constructor(options: DockerImagesOptions) {
    this.#options = options
  }

  async find(reference: string): Promise<Image | undefined> {
    // What cannot be a name is asked for as an id, and nothing else.
    const name = ID.test(reference) ? reference : imageName(engineReference(reference))
    const found = await unlessMissing(this.#options.engine.inspectImage(name))
    return found && this.#imageFrom(found, found.Config?.User ?? '')
  }

  async pull(reference: string, options: PullOptions): Promise<Image> {
    const { engine, journal } = this.#options
    const parsed = engineReference(reference)
    const before = new Set((await engine.listImages()).map(({ Id: id }) => id))
    await this.#pullWithAny(parsed, options)
    const name = imageName(parsed)
    const pulled = await engine.inspectImage(name)
    // What was there before belongs to somebody else, unless we had brought it.
    if (!before.has(pulled.Id) || journal.names(pulled.Id)) {
      await journal.add(pulled.Id, name)
    }
    return this.#imageFrom(pulled, pulled.Config?.User ?? '')
  }

  async list(): Promise<readonly Image[]> {
    const all = await this.#options.engine.listImages()
    return all.map((summary) => this.#imageFrom(summary, ''))
  }

  async remove(id: string): Promise<void> {
    const { engine, journal } = this.#options
    const ours = journal.names(id)
    if (!ours) throw new Error(`image ${id}: no kubelet has pulled it, so it stays`)
    const details = await unlessMissing(engine.inspectImage(id))
    if (details) {
      const tags = details.RepoTags ?? []
      const foreign = tags.find((tag) => !ours.includes(tag))
      if (foreign !== undefined) {
        throw new Error(`image ${id}: somebody has named it "${foreign}", so it stays`)
      }
      // The last of its names takes the image along; without any, the digest is its name.
      const names = tags.length > 0 ? tags : [id]
      for (const name of names) await unlessMissing(engine.removeImage(name))
    }
    await journal.remove(id)
  }

  #imageFrom(found: ImageDetails | ImageSummary, user: string): Image {
    return {
      id: found.Id,
      names: (found.RepoTags ?? []).filter((name) => name !== '<none>:<none>'),
      digests: (found.RepoDigests ?? []).filter((name) => name !== '<none>@<none>'),
      sizeBytes: found.Size,
      user,
      isOurs: this.#options.journal.names(found.Id) !== undefined,
    }
  }

  /** Each of the credentials in turn; nothing but a refusal makes the next one worth a try. */
  async #pullWithAny(reference: EngineReference, options: PullOptions): Promise<void> {
    const tries = options.credentials.length > 0 ? options.credentials : [undefined]
    const failures: ImageError[] = []
    for (const credentials of tries) {
      try {
        return await this.#pullOnce(reference, credentials, options.signal)
      } catch (error) {
        if (!(error instanceof ImageError) || error.reason !== 'ErrImagePull') throw error
        failures.push(error)
      }
    }
    const messages = [...new Set(failures.map(({ message }) => message))]
    throw new ImageError('ErrImagePull', messages.join('; '), failures.at(-1))
  }

  async #pullOnce(
    { server, name, version }: EngineReference,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { engine, clock } = this.#options
    const stalling = new AbortController()
    const stalled = new ImageError(
      'ErrImagePull',
      `pull of ${name}: no progress for ${PROGRESS_TIMEOUT_MS} ms`,
    )
    const watchOver = () => clock.setTimeout(() => stalling.abort(stalled), PROGRESS_TIMEOUT_MS)
    let timer = watchOver()
    const either = AbortSignal.any([signal, stalling.signal])
    const authorization = credentials && encodeCredentials(credentials, server)
    try {
      for await (const line of await engine.pullImage(name, version, authorization, either)) {
        timer.cancel()
        timer = watchOver()
        if (line.error !== undefined) throw failureFrom(line.errorDetail?.message ?? line.error)
      }
    } catch (error) {
      if (either.aborted) throw either.reason
      if (!(error instanceof EngineError)) throw error
      throw failureFrom(error.message, error)
    } finally {
      timer.cancel()
    }
  }
}

/** Tells what goes wrong on the way to a registry from what a registry answers. */
function failureFrom(message: string, cause?: unknown): ImageError {
  const isUnreachable =
    /connection refused|no such host|i\/o timeout|network is unreachable|no route to host|server misbehaving|Client\.Timeout|TLS handshake timeout|server gave HTTP response|50[234] (Bad Gateway|Service Unavailable|Gateway Time)/i.test(
      message,
    )
  return new ImageError(isUnreachable ? 'RegistryUnavailable' : 'ErrImagePull', message, cause)
}

/** As `X-Registry-Auth` carries it: JSON in base64 without the characters that URLs reserve. */
function encodeCredentials({ username, password }: RegistryCredentials, server: string): string {
  const settings = { username, password, serveraddress: server }
  return Buffer.from(JSON.stringify(settings)).toString('base64url')
}
