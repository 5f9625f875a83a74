/** What runs containers: one interface for the Docker Engine and for the hollow runtime. */
import type { Duplex, Readable } from 'node:stream'

/** Whose pod it is. Every container carries it, so that a kubelet that starts anew finds them. */
export interface PodIdentity {
  readonly uid: string
  readonly name: string
  readonly namespace: string
}

export type NamespaceMode = 'pod' | 'node'

/** The place that a pod's containers share: network, IPC, host name, perhaps processes. */
export interface SandboxSpec {
  readonly pod: PodIdentity
  /** Counts the sandboxes that the pod has had; none of them is used twice. */
  readonly attempt: number
  readonly hostname: string
  /** `node` joins what the node itself has. */
  readonly network: NamespaceMode
  readonly ipc: NamespaceMode
  /** `container`: each container sees its own processes alone. */
  readonly processes: NamespaceMode | 'container'
  readonly sysctls: Readonly<Record<string, string>>
  /** Path below which all cgroups of the pod lie; made with its first container. */
  readonly cgroupParent?: string | undefined
  /** Kept in memory as long as the sandbox lives: where they are mounted, and how large. */
  readonly memoryVolumes: readonly { readonly name: string; readonly sizeBytes?: number }[]
  readonly labels: Readonly<Record<string, string>>
}

export interface Mount {
  /** Path on the node, or the name of one of the sandbox's memory volumes. */
  readonly source: { readonly path: string } | { readonly memoryVolume: string }
  readonly containerPath: string
  readonly isReadOnly: boolean
  readonly propagation?: 'private' | 'rslave' | 'rshared'
}

/** As cgroups want them; what is not there is not limited. */
export interface ContainerResources {
  readonly cpuShares?: number | undefined
  readonly cpuQuotaUs?: number | undefined
  readonly cpuPeriodUs?: number | undefined
  readonly memoryBytes?: number | undefined
  readonly pids?: number | undefined
  readonly oomScoreAdjustment?: number | undefined
}

export type Profile =
  | { readonly type: 'default' | 'unconfined' }
  /** Path of a seccomp profile, or name of one of AppArmor. */
  | { readonly type: 'local'; readonly profile: string }

export interface ContainerSecurity {
  /** `UID`, or `UID:GID`; the image decides where there is none. */
  readonly user?: string | undefined
  readonly groups: readonly number[]
  readonly isPrivileged: boolean
  readonly isReadOnlyRoot: boolean
  readonly mayGainPrivileges: boolean
  readonly addedCapabilities: readonly string[]
  readonly droppedCapabilities: readonly string[]
  readonly seccomp?: Profile | undefined
  readonly appArmor?: Profile | undefined
  readonly seLinux?:
    | {
        readonly user?: string
        readonly role?: string
        readonly type?: string
        readonly level?: string
      }
    | undefined
  /** Leaves /proc as it is instead of hiding parts of it. */
  readonly isProcUnmasked: boolean
}

export interface ContainerSpec {
  readonly pod: PodIdentity
  readonly name: string
  /** How often the container was started before: its restart count. */
  readonly attempt: number
  /** Of the part of the pod's spec that may not change without a restart. */
  readonly hash: string
  /** As `images.pull()` or `images.find()` gave it. */
  readonly imageId: string
  /** As the pod names it. */
  readonly image: string
  /** Instead of the image's entrypoint, where it is there. */
  readonly command?: readonly string[] | undefined
  readonly args?: readonly string[] | undefined
  readonly workingDirectory?: string | undefined
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly devices: readonly { readonly path: string; readonly containerPath: string }[]
  readonly resources: ContainerResources
  readonly security: ContainerSecurity
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly stopSignal?: string | undefined
  /** Container whose processes it sees: an ephemeral container with a target. */
  readonly targetContainerId?: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export interface ObservedSandbox {
  readonly id: string
  readonly attempt: number
  readonly isReady: boolean
  readonly createdAtMs: number
  /** None where it uses the network of the node. */
  readonly ips: readonly string[]
}

export interface ObservedContainer {
  readonly id: string
  readonly sandboxId: string
  readonly name: string
  readonly attempt: number
  readonly hash: string
  readonly image: string
  readonly imageId: string
  /** `failed`: it could not be started, and never ran. */
  readonly state: 'created' | 'running' | 'exited' | 'failed'
  readonly createdAtMs: number
  readonly startedAtMs?: number | undefined
  readonly finishedAtMs?: number | undefined
  readonly exitCode?: number | undefined
  readonly signal?: number | undefined
  readonly isOutOfMemory: boolean
  /** Why it could not be started. */
  readonly error?: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** All that there is of one pod, newest attempts first. */
export interface ObservedPod {
  readonly pod: PodIdentity
  readonly sandboxes: readonly ObservedSandbox[]
  readonly containers: readonly ObservedContainer[]
}

export type RuntimeChange =
  /** Something of this pod has started, stopped or gone. */
  | { readonly type: 'pod'; readonly uid: string }
  /** Changes may have been missed: everything has to be listed again. */
  | { readonly type: 'lost' }

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

export interface PullOptions {
  readonly pod: PodIdentity
  /** Tried in this order; none of them is the same as an empty list. */
  readonly credentials: readonly RegistryCredentials[]
  readonly signal: AbortSignal
}

export interface Image {
  readonly id: string
  readonly names: readonly string[]
  readonly digests: readonly string[]
  readonly sizeBytes: number
  /** As the image was built: `1000:1000`, a name, or nothing. */
  readonly user: string
  /** Brought here by a kubelet: only these may ever be removed. */
  readonly isOurs: boolean
}

export interface Images {
  /** By name, digest or id; undefined when it is not on this node. */
  find(reference: string): Promise<Image | undefined>
  /** Throws ImageError. */
  pull(reference: string, options: PullOptions): Promise<Image>
  list(): Promise<readonly Image[]>
  /** Refuses what was not pulled by a kubelet or what is in use. */
  remove(id: string): Promise<void>
}

export interface LogOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly sinceMs?: number | undefined
  /** Last lines; all of them unless given. */
  readonly tail?: number | undefined
  readonly signal: AbortSignal
  readonly stream?: 'stdout' | 'stderr' | undefined
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A process whose streams somebody holds. */
export interface Session {
  readonly stdin: NodeJS.WritableStream | undefined
  readonly stdout: Readable
  /** Not there with a terminal, which has one output. */
  readonly stderr: Readable | undefined
  resize(size: Size): Promise<void>
  /** Of a command, its exit code once it has ended; of an attachment, undefined. */
  readonly ended: Promise<number | undefined>
  close(): void
}

export interface ExecOptions {
  readonly command: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly signal?: AbortSignal
}

export interface ContainerFigures {
  readonly id: string
  readonly atMs: number
  readonly cpuNs: number
  readonly memoryBytes: number
  readonly workingSetBytes: number
  readonly rssBytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  readonly processes: number
  readonly writableLayerBytes?: number | undefined
}

export interface NetworkFigures {
  readonly interface: string
  readonly receivedBytes: number
  readonly receiveErrors: number
  readonly sentBytes: number
  readonly sendErrors: number
}

export interface PodFigures {
  readonly uid: string
  readonly containers: readonly ContainerFigures[]
  readonly network?: NetworkFigures | undefined
}

export interface RuntimeInfo {
  readonly name: string
  readonly version: string
  readonly apiVersion: string
  readonly operatingSystem: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly architecture: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly cgroupVersion: 1 | 2
  /** Where images and containers lie on this node. */
  readonly rootDirectory: string
  /** What this host cannot do, each in a sentence for an Event. */
  readonly lacks: readonly string[]
}

/**
 * Its promises: every call may be repeated after a crash at any instant without doing anything
 * twice (a container's name is made of pod, container and attempt); it touches nothing that does
 * not carry the labels of its cluster and node.
 */
export interface Runtime extends AsyncDisposable {
  readonly images: Images
  info(): Promise<RuntimeInfo>
  /** Rejects with a plain reason when pods cannot be run now. */
  check(): Promise<void>

  /** Everything of ours, running or not. */
  list(): Promise<readonly ObservedPod[]>
  observe(pod: PodIdentity): Promise<ObservedPod>
  /** Begins with what happens after the call. Ends with the signal, never by itself. */
  changes(signal: AbortSignal): AsyncIterable<RuntimeChange>

  /** Network, with an address where the pod has its own, and all else is ready when it resolves. */
  startSandbox(spec: SandboxSpec): Promise<ObservedSandbox>
  stopSandbox(id: string): Promise<void>
  removeSandbox(id: string): Promise<void>

  /** Resolves with the id. An existing one of this name and attempt is taken as it is. */
  createContainer(sandbox: ObservedSandbox, spec: ContainerSpec): Promise<string>
  /** Throws StartError when the container cannot be started. */
  startContainer(id: string): Promise<void>
  /** Resolves when it has ended; killed after the grace. */
  stopContainer(id: string, graceSeconds: number, stopSignal?: string): Promise<void>
  removeContainer(id: string): Promise<void>
  updateResources(id: string, resources: ContainerResources): Promise<void>

  /** Lines as the container wrote them; frames are taken apart already. */
  logs(id: string, options: LogOptions): Promise<Readable>
  exec(id: string, options: ExecOptions): Promise<Session>
  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session>
  /** A connection to a port that listens inside the sandbox, on its loopback device too. */
  connect(sandboxId: string, port: number): Promise<Duplex>
  figures(): Promise<readonly PodFigures[]>
}

/** Why an image is not there; the names are the reasons that a waiting container shows. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly reason: 'ErrImagePull' | 'InvalidImageName' | 'RegistryUnavailable'

  constructor(reason: ImageError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** A container that could not be created or started, with the code that it ended with. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly reason: 'CreateContainerError' | 'RunContainerError'
  readonly exitCode: number

  constructor(reason: StartError['reason'], message: string, exitCode: number, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
    this.exitCode = exitCode
  }
}
