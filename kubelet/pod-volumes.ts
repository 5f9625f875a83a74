/** The volumes of the pods of this node: made, kept up to date, and taken away again. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { Volume } from '#api/parts/core/volume.ts'
import type { Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { ConfigError } from './config-error.ts'
import type { Variable } from './environment.ts'
import { podDirectory, podsWithFiles, volumesDirectory } from './pod-directories.ts'
import type { PodReference } from './pod-references.ts'
import type { ContainerSpec, Mount, SandboxSpec } from './runtime.ts'
import type { Sources } from './sources.ts'
import { mountFor } from './volume-mounts.ts'
import { removeTree } from './volumes/remove-tree.ts'
import { isWritten, referencesOf, type SetUp, setUpVolume } from './volumes/set-up.ts'
import type { MountableVolume, VolumeParts } from './volumes/volume-type.ts'

/** Why volumes of a pod are not there, in upstream's words; tried again later. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
  /** Of the events. */
  readonly reason = 'FailedMount'
  /** One for each event. */
  readonly messages: readonly string[]

  constructor(messages: readonly string[], cause?: unknown) {
    super(messages.join('; '), { cause })
    this.messages = messages
  }
}

export interface PreparedVolumes {
  readonly pod: Pod
  /** For the sandbox, which keeps them as long as it lives. */
  readonly memoryVolumes: SandboxSpec['memoryVolumes']
  /** What containers mount, by the name of the volume. */
  readonly mountable: ReadonlyMap<string, MountableVolume>
}

/** Like a container of any kind, as far as mounts go. */
export type MountingContainer = Pick<Container, 'name' | 'volumeMounts' | 'volumeDevices'>

export interface PodVolumesParts extends Omit<VolumeParts, 'sources'> {
  readonly sources: Sources
  /** Of the kubelet, as in `--root-dir`. */
  readonly rootDirectory: string
  readonly log: Log
  /** Something has come that a pod waited for in vain: it may be tried again now. */
  readonly changed?: (podUid: string) => void
  /** The files of a pod that runs could not be brought up to date. */
  readonly warn?: (pod: Pod, reason: 'FailedMount', message: string) => void
}

/** How long after a token could not be renewed the next attempt is. */
const RENEWAL_RETRY_MS = 10_000

/**
 * Files of ConfigMaps, Secrets, tokens and fields of the pod follow their sources by themselves,
 * from prepare() until release(). One thing at a time is done to the volumes of one pod.
 */
export class PodVolumes implements AsyncDisposable {
  readonly #parts: PodVolumesParts
  readonly #pods = new Map<string, PodState>()
  readonly #listening: Disposable

  constructor(parts: PodVolumesParts) {
    this.#parts = parts
    this.#listening = parts.sources.onChange((...change) => this.#sourceChanged(...change))
  }

  /**
   * Resolves when all volumes are there. Throws VolumeError with everything that is not. May be
   * called again at any time, and costs little then; a newer pod brings its new labels along.
   */
  async prepare(pod: Pod, signal: AbortSignal): Promise<PreparedVolumes> {
    const { uid } = pod.metadata
    this.#parts.sources.use(pod)
    const state = this.#pods.getOrInsertComputed(uid, () => new PodState(pod))
    return await state.serially(async () => {
      signal.throwIfAborted()
      state.pod = pod
      return await this.#bringUp(state)
    })
  }

  /** Sub-paths are made here; `environment` is what their expressions refer to. */
  async mountsOf(
    { mountable }: PreparedVolumes,
    { name, volumeMounts = [] }: MountingContainer,
    environment: readonly Variable[],
  ): Promise<readonly Mount[]> {
    const { nodeRoot } = this.#parts
    const context = { container: name, volumes: mountable, environment, nodeRoot }
    const mounts: Mount[] = []
    for (const mount of volumeMounts) mounts.push(await mountFor(mount, context))
    return mounts
  }

  /** Volumes that a container wants as block devices. */
  devicesOf(
    { mountable }: PreparedVolumes,
    { name, volumeDevices = [] }: MountingContainer,
  ): ContainerSpec['devices'] {
    return volumeDevices.map(({ name: volume, devicePath }) => {
      const path = mountable.get(volume)?.device
      if (path !== undefined) return { path, containerPath: devicePath }
      throw new ConfigError(`cannot find volume "${volume}" to pass into container "${name}"`)
    })
  }

  /** Takes away everything of a pod whose containers have ended. */
  async release(podUid: string): Promise<void> {
    const { sources, tokens, rootDirectory, mounter } = this.#parts
    const state = this.#pods.get(podUid)
    const remove = () => removeTree(podDirectory(rootDirectory, podUid), mounter)
    if (state) {
      state.isOver = true
      state.timer?.cancel()
      await state.serially(remove)
    } else await remove()
    this.#pods.delete(podUid)
    tokens.forget(podUid)
    sources.forget(podUid)
  }

  /** The uids of all pods that have files on this node. */
  orphans(): Promise<readonly string[]> {
    return podsWithFiles(this.#parts.rootDirectory)
  }

  /** Files stay as they are: the next kubelet goes on with them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]()
    await settleAll(
      Array.from(this.#pods.values(), (state) => {
        state.isOver = true
        state.timer?.cancel()
        return state.serially(async () => undefined)
      }),
    )
  }

  async #bringUp(state: PodState): Promise<PreparedVolumes> {
    const { pod } = state
    const wanted = mountedVolumes(pod)
    const fields = JSON.stringify([pod.metadata.labels, pod.metadata.annotations])
    const isSame = state.fields === fields
    const work = wanted.filter(
      (volume) => !state.ready.has(volume.name) || (!isSame && isWritten(volume)),
    )
    const failures = await this.#setUp(state, work)
    if (failures) throw failures
    state.fields = fields
    state.isReady = true
    this.#scheduleRenewal(state)
    const memoryVolumes = Array.from(state.ready)
      .filter(([, { source }]) => 'memoryVolume' in source)
      .map(([name, { sizeBytes }]) => ({ name, ...(sizeBytes !== undefined && { sizeBytes }) }))
    return { pod, memoryVolumes, mountable: new Map(state.ready) }
  }

  async #setUp(state: PodState, volumes: readonly Volume[]): Promise<VolumeError | undefined> {
    const { pod } = state
    const directory = volumesDirectory(this.#parts.rootDirectory, pod.metadata.uid)
    const results = await settleAll(
      volumes.map((volume) => setUpVolume(volume, pod, directory, this.#parts)),
    )
    const failed: Failed[] = []
    for (const [at, result] of results.entries()) {
      const { name } = volumes[at]!
      if (result.type === 'ready') state.ready.set(name, result.volume)
      else failed.push({ name, result })
    }
    return failed.length ? errorFrom(failed) : undefined
  }

  #sourceChanged(namespace: string, changed: PodReference): void {
    for (const [uid, state] of this.#pods) {
      const { pod } = state
      if (pod.metadata.namespace !== namespace || state.isOver) continue
      if (!state.isReady) this.#parts.changed?.(uid)
      else {
        const names = mountedVolumes(pod).filter((volume) =>
          referencesOf(volume).some(
            ({ kind, name }) => kind === changed.kind && name === changed.name,
          ),
        )
        if (names.length) void this.#refresh(state, names)
      }
    }
  }

  /** Files that cannot be written anew stay as they are, which an event tells. */
  async #refresh(state: PodState, volumes: readonly Volume[]): Promise<void> {
    const { log, warn } = this.#parts
    const { pod } = state
    try {
      const failure = await state.serially(async () =>
        state.isOver ? undefined : await this.#setUp(state, volumes),
      )
      for (const message of failure?.messages ?? []) warn?.(pod, 'FailedMount', message)
    } catch (error) {
      log.error('volumes not refreshed', { pod: pod.metadata.name, error })
    }
    if (!state.isOver) this.#scheduleRenewal(state)
  }

  #scheduleRenewal(state: PodState): void {
    const { clock, tokens } = this.#parts
    state.timer?.cancel()
    state.timer = undefined
    const renewalAt = tokens.renewalAt(state.pod.metadata.uid)
    if (renewalAt === undefined || state.isOver) return
    const delayMs = Math.max(renewalAt - clock.now(), RENEWAL_RETRY_MS)
    const renew = (): void => void this.#refresh(state, mountedVolumes(state.pod).filter(hasToken))
    state.timer = clock.setTimeout(renew, delayMs, { background: true })
  }
}

class PodState {
  pod: Pod
  readonly ready = new Map<string, MountableVolume>()
  /** Labels and annotations that the files show. */
  fields: string | undefined
  isReady = false
  isOver = false
  timer: Timer | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(pod: Pod) {
    this.pod = pod
  }

  /** One after the other, whatever becomes of those before. */
  serially<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work)
    this.#last = next.catch(() => undefined)
    return next
  }
}

const hasToken = ({ projected }: Volume): boolean =>
  projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken) ?? false

/** Volumes that no container mounts are left alone. */
function mountedVolumes({ spec }: Pod): readonly Volume[] {
  const all: readonly MountingContainer[] = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]
  const names = new Set(
    all.flatMap(({ volumeMounts = [], volumeDevices = [] }) =>
      [...volumeMounts, ...volumeDevices].map(({ name }) => name),
    ),
  )
  return (spec.volumes ?? []).filter(({ name }) => names.has(name))
}

interface Failed {
  readonly name: string
  readonly result: Exclude<SetUp, { readonly type: 'ready' }>
}

function errorFrom(failed: readonly Failed[]): VolumeError {
  const unprocessed = failed.filter(({ result }) => result.type === 'unprocessed')
  const messages = failed
    .filter(({ result }) => result.type === 'failed')
    .map(({ result }) => result.message)
  if (unprocessed.length) {
    const unmounted = failed.map(({ name }) => name).join(' ')
    const names = unprocessed.map(({ name }) => name).join(' ')
    const why = unprocessed.map(({ result }) => result.message).join(', ')
    messages.push(
      `Unable to attach or mount volumes: unmounted volumes=[${unmounted}], ` +
        `unattached volumes=[], failed to process volumes=[${names}]: ${why}`,
    )
  }
  return new VolumeError(messages, failed[0]!.result.cause)
}
