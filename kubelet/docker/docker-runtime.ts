/** The Docker Engine as a runtime of pods. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'
import { ensurePauseImage } from '#engine/pause/pause-image.ts'
import type { ContainerDetails, EngineInfo } from '#engine/types.ts'
import type {
  ContainerResources,
  ContainerSpec,
  ExecOptions,
  Images,
  LogOptions,
  ObservedPod,
  ObservedSandbox,
  PodFigures,
  PodIdentity,
  Runtime,
  RuntimeChange,
  RuntimeInfo,
  SandboxSpec,
  Session,
} from '../runtime.ts'
import { type Abilities, abilitiesFrom } from './abilities.ts'
import { AddressBook } from './address-book.ts'
import { CgroupFiles } from './cgroup-files.ts'
import { ChangeFeed } from './change-feed.ts'
import type { LogLimits } from './container-body.ts'
import { Containers } from './containers.ts'
import { DockerImages } from './docker-images.ts'
import { podFigures } from './figures.ts'
import { ImageJournal } from './image-journal.ts'
import { isOfPod, labelNames, ofScope, type Scope } from './labels.ts'
import { type NodeNetwork, nodeNamespaceFile } from './node-network.ts'
import { isSandbox, podsFrom } from './observed.ts'
import { PodNetwork } from './pod-network.ts'
import { Sandboxes } from './sandboxes.ts'
import { Seats } from './seats.ts'
import { Sessions } from './sessions.ts'

export interface DockerRuntimeOptions extends Scope {
  /** Where the Engine listens: a path, unix:///path or tcp://host:port. */
  readonly engineAddress: string
  /** Where the kubelet keeps its files; the journal of images lies there. */
  readonly rootDirectory: string
  readonly clock: Clock
  readonly log: Log
  readonly nodeNetwork: NodeNetwork
  /** Ranges of addresses for this node's pods, empty until it has some. Asked for each time. */
  readonly podCidrs: () => readonly string[]
  readonly containerLogs: LogLimits
  /** Told what a container goes without because its host does not have it. */
  readonly onLack: (pod: PodIdentity, container: string, lack: string) => void
  /** Where the kernel shows its cgroups. */
  readonly cgroupRoot?: string
}

/** What the kernel calls x86_64, Kubernetes calls as Go does. */
const architectures: Readonly<Record<string, string>> = {
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
  x86_64: 'amd64',
}
const DEFAULT_CGROUP_ROOT = '/sys/fs/cgroup'
/** More starts at once only wait longer: they are bound by processors. */
const STARTS_PER_CPU = 2
/** Questions to the Engine at once; each takes it half a millisecond. */
const INSPECTIONS_MAX = 16
/** The Engine walks through all files of a container to tell its size. */
const SIZES_MAX_AGE_MS = 60_000

/** Takes over what is there of this node, and puts right what a crash has left half done. */
export async function startDockerRuntime(options: DockerRuntimeOptions): Promise<Runtime> {
  const engine = new Engine(options.engineAddress)
  try {
    const info = await engine.info()
    if (info.OSType !== 'linux') {
      throw new Error(`Engine: it runs ${info.OSType} containers, wanted linux`)
    }
    const journal = await ImageJournal.open(join(options.rootDirectory, 'images.json'))
    const status = await readFile('/proc/1/status', 'utf8')
    const runtime = await wire(engine, info, abilitiesFrom(info, status), journal, options)
    await runtime.takeOver()
    return runtime
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

async function wire(
  engine: Engine,
  info: EngineInfo,
  abilities: Abilities,
  journal: ImageJournal,
  options: DockerRuntimeOptions,
): Promise<DockerRuntime> {
  const { clock, log, nodeNetwork, onLack } = options
  const scope = { cluster: options.cluster, node: options.node }
  const starts = new Seats(STARTS_PER_CPU * info.NCPU)
  // A namespace with a file is entered for each command; the others are where this process is.
  const network = new PodNetwork(
    nodeNetwork.type === 'namespace' ? await nodeNamespaceFile(nodeNetwork, engine) : undefined,
  )
  const cgroups = new CgroupFiles({
    version: info.CgroupVersion === '2' ? 2 : 1,
    driver: info.CgroupDriver,
    root: options.cgroupRoot ?? DEFAULT_CGROUP_ROOT,
  })
  const addresses = new AddressBook(options.podCidrs)
  const sandboxes = new Sandboxes({
    ...{ engine, scope, clock, log, addresses, network, nodeNetwork, cgroups, starts },
    image: () => ensurePauseImage(engine, info.Architecture),
    cgroupDriver: info.CgroupDriver,
  })
  const logs = options.containerLogs
  return new DockerRuntime({
    ...{ engine, scope, clock, log, info, abilities, addresses, network, cgroups, sandboxes },
    containers: new Containers({ engine, scope, clock, abilities, logs, starts, onLack }),
    images: new DockerImages({ engine, journal, clock }),
    sessions: new Sessions({ engine, clock, log }),
    feed: new ChangeFeed({ engine, scope, clock, log }),
  })
}

interface Parts {
  readonly engine: Engine
  readonly scope: Scope
  readonly clock: Clock
  readonly log: Log
  readonly info: EngineInfo
  readonly abilities: Abilities
  readonly addresses: AddressBook
  readonly network: PodNetwork
  readonly cgroups: CgroupFiles
  readonly sandboxes: Sandboxes
  readonly containers: Containers
  readonly images: DockerImages
  readonly sessions: Sessions
  readonly feed: ChangeFeed
}

class DockerRuntime implements Runtime {
  readonly images: Images
  readonly #parts: Parts
  readonly #inspections = new Seats(INSPECTIONS_MAX)
  #sizes: { atMs: number; layers: ReadonlyMap<string, number> } | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.images = parts.images
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.engine[Symbol.asyncDispose]()
  }

  async takeOver(): Promise<void> {
    await this.#parts.sandboxes.takeOver((await this.#inspectAll()).filter(isSandbox))
  }

  async info(): Promise<RuntimeInfo> {
    const { engine, abilities } = this.#parts
    const info = await engine.info()
    return {
      name: 'docker',
      version: info.ServerVersion,
      apiVersion: await engine.apiVersion(),
      operatingSystem: info.OSType,
      osImage: info.OperatingSystem,
      kernelVersion: info.KernelVersion,
      architecture: architectures[info.Architecture] ?? info.Architecture,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
      rootDirectory: info.DockerRootDir,
      lacks: abilities.lacks,
    }
  }

  async check(): Promise<void> {
    await this.#parts.engine.ping()
    this.#parts.addresses.check()
  }

  async list(): Promise<readonly ObservedPod[]> {
    return this.#podsFrom(await this.#inspectAll())
  }

  async observe(pod: PodIdentity): Promise<ObservedPod> {
    const all = await this.#inspectAll(`${labelNames.podUid}=${pod.uid}`)
    return (await this.#podsFrom(all))[0] ?? { pod, sandboxes: [], containers: [] }
  }

  changes(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    return this.#parts.feed.changes(signal)
  }

  startSandbox(spec: SandboxSpec): Promise<ObservedSandbox> {
    return this.#parts.sandboxes.start(spec)
  }

  stopSandbox(id: string): Promise<void> {
    return this.#parts.sandboxes.stop(id)
  }

  removeSandbox(id: string): Promise<void> {
    return this.#parts.sandboxes.remove(id)
  }

  async createContainer(sandbox: ObservedSandbox, spec: ContainerSpec): Promise<string> {
    const { containers, sandboxes } = this.#parts
    return containers.create(await sandboxes.facts(sandbox.id), spec)
  }

  startContainer(id: string): Promise<void> {
    return this.#parts.containers.start(id)
  }

  stopContainer(id: string, graceSeconds: number, stopSignal?: string): Promise<void> {
    return this.#parts.containers.stop(id, graceSeconds, stopSignal)
  }

  removeContainer(id: string): Promise<void> {
    return this.#parts.containers.remove(id)
  }

  updateResources(id: string, resources: ContainerResources): Promise<void> {
    return this.#parts.containers.update(id, resources)
  }

  logs(id: string, options: LogOptions): Promise<Readable> {
    return this.#parts.sessions.logs(id, options)
  }

  exec(id: string, options: ExecOptions): Promise<Session> {
    return this.#parts.sessions.exec(id, options)
  }

  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session> {
    return this.#parts.sessions.attach(id, options)
  }

  connect(sandboxId: string, port: number): Promise<Duplex> {
    return this.#parts.sessions.connect(sandboxId, port)
  }

  async figures(): Promise<readonly PodFigures[]> {
    const { engine, scope, clock, cgroups, network, sandboxes } = this.#parts
    const running = await engine.listContainers({ label: ofScope(scope), status: ['running'] })
    const parentOf = async (id: string): Promise<string | undefined> =>
      (await sandboxes.facts(id)).cgroupParent
    return podFigures(running, await this.#layerSizes(), { clock, cgroups, network, parentOf })
  }

  async #layerSizes(): Promise<ReadonlyMap<string, number>> {
    const { engine, scope, clock } = this.#parts
    const now = clock.monotonic()
    if (this.#sizes && now - this.#sizes.atMs < SIZES_MAX_AGE_MS) return this.#sizes.layers
    const all = await engine.listContainers({ label: ofScope(scope) }, true)
    const layers = new Map(all.map(({ Id: id, SizeRw: bytes = 0 }) => [id, bytes]))
    this.#sizes = { atMs: now, layers }
    return layers
  }

  async #podsFrom(all: readonly ContainerDetails[]): Promise<readonly ObservedPod[]> {
    const { sandboxes } = this.#parts
    const observed = new Map<string, ObservedSandbox>()
    for (const details of all.filter(isSandbox)) {
      observed.set(details.Id, await sandboxes.observed(details))
    }
    return podsFrom(all, observed)
  }

  /** Everything of ours that matches; what goes away in between is left out. */
  async #inspectAll(...labels: readonly string[]): Promise<readonly ContainerDetails[]> {
    const { engine, scope, feed } = this.#parts
    await feed.settled()
    const all = (await engine.listContainers({ label: ofScope(scope, ...labels) })).filter(isOfPod)
    const inspect = (id: string): Promise<ContainerDetails | undefined> =>
      this.#inspections.run(() => unlessMissing(engine.inspectContainer(id)))
    const details = await Promise.all(all.map(({ Id: id }) => inspect(id)))
    return details.filter((each) => each !== undefined)
  }
}
