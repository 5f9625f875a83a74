/** What node and pods use, measured when somebody asks: an idle node is not measured at all. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Clock } from '#daemon/clock.ts'
import { volumesDirectory } from '../pod-directories.ts'
import type {
  ContainerFigures,
  NetworkFigures,
  ObservedContainer,
  PodFigures,
  PodIdentity,
  Runtime,
} from '../runtime.ts'
import { type DirectoryUsage, directoryUsage } from './directory-usage.ts'
import {
  type FileSystemFigures,
  type NodeFigures,
  readFileSystem,
  readNodeFigures,
} from './node-figures.ts'
import { volumePlaces } from './volume-places.ts'

export interface ContainerSnapshot {
  readonly name: string
  readonly id: string
  readonly image: string
  readonly startedAtMs: number
  readonly figures: ContainerFigures
  /** Processor time per second over the last while; not known of what has just begun. */
  readonly nanoCores: number | undefined
}

export interface VolumeSnapshot extends DirectoryUsage {
  readonly name: string
  readonly claim?: { readonly name: string; readonly namespace: string }
}

export interface PodSnapshot {
  readonly pod: PodIdentity
  readonly startedAtMs: number
  readonly containers: readonly ContainerSnapshot[]
  readonly network: NetworkFigures | undefined
  readonly volumes: readonly VolumeSnapshot[]
}

export interface Snapshot {
  readonly nodeName: string
  readonly node: NodeFigures
  readonly nodeNanoCores: number | undefined
  readonly nodeFiles: FileSystemFigures | undefined
  readonly imageFiles: FileSystemFigures | undefined
  readonly imageBytes: number
  readonly pods: readonly PodSnapshot[]
}

export interface StatisticsParts {
  readonly nodeName: string
  readonly runtime: Runtime
  readonly clock: Clock
  /** Of the kubelet, as in `--root-dir`. */
  readonly rootDirectory: string
  readonly pods: { all(): readonly Pod[] }
  /** Those of the machine, unless a test has its own. */
  readonly readNode?: (nowMs: number) => Promise<NodeFigures>
}

/** Asked again within this time, we answer with what we know. */
const FRESH_MS = 1000
/** A rate is taken over no less and no more than this. */
const RATE_LEAST_MS = 1000
const RATE_MOST_MS = 120_000
/** Counting files is work: once in a while is enough. */
const VOLUMES_MS = 60_000

interface Measurement {
  readonly atMs: number
  readonly node: NodeFigures
  readonly pods: readonly PodFigures[]
  /** Processor time by the id of the container. */
  readonly cpuNs: ReadonlyMap<string, ContainerFigures>
}

export class Statistics {
  readonly #parts: StatisticsParts
  #last: Measurement | undefined
  #base: Measurement | undefined
  #measuring: Promise<void> | undefined
  readonly #volumes = new Map<string, { atMs: number; usage: Promise<DirectoryUsage> }>()

  constructor(parts: StatisticsParts) {
    this.#parts = parts
  }

  /** The first question takes a second, in which rates are measured. */
  async read({ volumes }: { readonly volumes: boolean }): Promise<Snapshot> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    await this.#measuring
    return await this.#snapshot(volumes)
  }

  async #measure(): Promise<void> {
    const { clock } = this.#parts
    const last = this.#last
    const ageMs = last ? clock.monotonic() - last.atMs : Number.POSITIVE_INFINITY
    if (ageMs < FRESH_MS) return
    this.#base = ageMs <= RATE_MOST_MS ? last : undefined
    this.#last = await this.#take()
    if (this.#base) return
    await clock.sleep(RATE_LEAST_MS)
    this.#base = this.#last
    this.#last = await this.#take()
  }

  async #take(): Promise<Measurement> {
    const { clock, runtime, readNode = readNodeFigures } = this.#parts
    const [node, pods] = await Promise.all([readNode(clock.now()), runtime.figures()])
    const all = pods.flatMap(({ containers }) => containers)
    const cpuNs = new Map(all.map((figures) => [figures.id, figures]))
    return { atMs: clock.monotonic(), node, pods, cpuNs }
  }

  async #snapshot(withVolumes: boolean): Promise<Snapshot> {
    const { runtime, nodeName, rootDirectory, pods } = this.#parts
    const { node, pods: figures } = this.#last!
    const [observed, info, images] = await Promise.all([
      runtime.list(),
      runtime.info(),
      runtime.images.list(),
    ])
    const byUid = new Map(figures.map((each) => [each.uid, each]))
    const known = new Map(pods.all().map((pod) => [pod.metadata.uid, pod]))
    const snapshots = observed.map(async ({ pod, containers, sandboxes }) => ({
      pod,
      startedAtMs: sandboxes[0]?.createdAtMs ?? node.atMs,
      containers: containers.flatMap((each) => this.#container(each)),
      network: byUid.get(pod.uid)?.network,
      volumes: withVolumes ? await this.#volumesOf(known.get(pod.uid)) : [],
    }))
    return {
      nodeName,
      node,
      nodeNanoCores: this.#rate(this.#base?.node, node),
      nodeFiles: await readFileSystem(rootDirectory),
      imageFiles: await readFileSystem(info.rootDirectory),
      imageBytes: images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      pods: await Promise.all(snapshots),
    }
  }

  #container(observed: ObservedContainer): readonly ContainerSnapshot[] {
    const { id, name, image, createdAtMs, startedAtMs = createdAtMs, state } = observed
    const figures = this.#last!.cpuNs.get(id)
    if (state !== 'running' || !figures) return []
    const nanoCores = this.#rate(this.#base?.cpuNs.get(id), figures)
    return [{ id, name, image, startedAtMs, figures, nanoCores }]
  }

  #rate(base: { atMs: number; cpuNs: number } | undefined, now: { atMs: number; cpuNs: number }) {
    if (!base || now.atMs <= base.atMs || now.cpuNs < base.cpuNs) return undefined
    return Math.round(((now.cpuNs - base.cpuNs) / (now.atMs - base.atMs)) * 1000)
  }

  async #volumesOf(pod: Pod | undefined): Promise<readonly VolumeSnapshot[]> {
    if (!pod) return []
    const { clock, rootDirectory } = this.#parts
    const { uid } = pod.metadata
    const nowMs = clock.monotonic()
    for (const [path, { atMs }] of this.#volumes) {
      // Of pods that are gone too.
      if (nowMs - atMs >= VOLUMES_MS) this.#volumes.delete(path)
    }
    const places = volumePlaces(pod, volumesDirectory(rootDirectory, uid))
    return await Promise.all(
      places.map(async ({ name, directory, claim }) => {
        const known = this.#volumes.get(directory)
        const usage = known?.usage ?? directoryUsage(directory)
        if (!known) this.#volumes.set(directory, { atMs: nowMs, usage })
        return { name, ...(await usage), ...(claim && { claim }) }
      }),
    )
  }
}
