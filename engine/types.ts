/** What the Engine API says and is told, as far as a kubelet reads and writes it. */

export interface EngineMount {
  readonly Type: 'bind' | 'volume'
  readonly Source: string
  readonly Target: string
  readonly ReadOnly: boolean
  readonly BindOptions?: { readonly Propagation?: string }
  readonly VolumeOptions?: { readonly NoCopy?: boolean }
}

export interface HostConfig {
  readonly NetworkMode?: string
  readonly IpcMode?: string
  readonly PidMode?: string
  readonly CgroupParent?: string
  readonly Mounts?: readonly EngineMount[]
  readonly Sysctls?: Readonly<Record<string, string>>
  readonly CapAdd?: readonly string[]
  readonly CapDrop?: readonly string[]
  readonly SecurityOpt?: readonly string[]
  readonly GroupAdd?: readonly string[]
  readonly Privileged?: boolean
  readonly ReadonlyRootfs?: boolean
  readonly MaskedPaths?: readonly string[] | null
  readonly ReadonlyPaths?: readonly string[] | null
  readonly Devices?: readonly {
    readonly PathOnHost: string
    readonly PathInContainer: string
    readonly CgroupPermissions: string
  }[]
  readonly DeviceCgroupRules?: readonly string[]
  readonly OomScoreAdj?: number
  readonly Memory?: number
  readonly MemorySwap?: number
  readonly CpuShares?: number
  readonly CpuQuota?: number
  readonly CpuPeriod?: number
  readonly PidsLimit?: number
  readonly LogConfig?: {
    readonly Type: string
    readonly Config: Readonly<Record<string, string>>
  }
  readonly RestartPolicy?: { readonly Name: string }
  readonly Init?: boolean
  /** By port inside, such as `80/tcp`. */
  readonly PortBindings?: Readonly<
    Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>
  >
}

export interface ContainerConfig {
  readonly Image: string
  readonly Hostname?: string
  readonly User?: string
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly WorkingDir?: string
  readonly Env?: readonly string[]
  readonly Labels: Readonly<Record<string, string>>
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly OpenStdin?: boolean
  readonly StdinOnce?: boolean
  readonly Tty?: boolean
  readonly StopSignal?: string
  readonly StopTimeout?: number
  readonly Healthcheck?: { readonly Test: readonly string[] }
}

export interface CreateContainerBody extends ContainerConfig {
  readonly HostConfig: HostConfig
  /** Networks that it is part of, with the address that it wants there. */
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<
      Record<string, { readonly IPAMConfig: { readonly IPv4Address: string } }>
    >
  }
}

export interface CreateNetworkBody {
  readonly Name: string
  readonly Driver: 'bridge'
  /** Two of one name are an error instead of a riddle. */
  readonly CheckDuplicate: true
  readonly IPAM: {
    readonly Config: readonly { readonly Subnet: string; readonly Gateway: string }[]
  }
  readonly Options?: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
}

export interface NetworkDetails {
  readonly Id: string
  readonly Name: string
  readonly Driver: string
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null }
  readonly Labels: Readonly<Record<string, string>> | null
}

export interface ContainerSummary {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly ImageID: string
  readonly Labels: Readonly<Record<string, string>>
  /** Bytes of its own layer; there only when sizes were asked for. */
  readonly SizeRw?: number
}

export interface ContainerState {
  readonly Status: string
  readonly Running: boolean
  readonly OOMKilled: boolean
  readonly Pid: number
  readonly ExitCode: number
  readonly Error: string
  readonly StartedAt: string
  readonly FinishedAt: string
}

export interface ContainerDetails {
  readonly Id: string
  readonly Name: string
  readonly Created: string
  /** Id of the image. */
  readonly Image: string
  readonly State: ContainerState
  readonly Config: ContainerConfig
  readonly HostConfig: HostConfig
}

export interface ImageDetails {
  readonly Id: string
  readonly RepoTags: readonly string[] | null
  readonly RepoDigests: readonly string[] | null
  readonly Size: number
  readonly Config?: { readonly User?: string } | null
}

export interface ImageSummary {
  readonly Id: string
  readonly RepoTags: readonly string[] | null
  readonly RepoDigests: readonly string[] | null
  readonly Size: number
}

export interface PullLine {
  readonly id?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly errorDetail?: { readonly message: string }
  readonly error?: string
}

export interface ExecDetails {
  readonly Running: boolean
  readonly ExitCode: number | null
  /** As the machine counts processes, not the container. */
  readonly Pid: number
}

export interface EngineEvent {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

export interface EngineInfo {
  readonly ID: string
  readonly Name: string
  readonly OSType: string
  readonly OperatingSystem: string
  readonly KernelVersion: string
  readonly Architecture: string
  readonly NCPU: number
  readonly MemTotal: number
  readonly CgroupVersion?: string
  readonly CgroupDriver: string
  /** Whether the kernel can hold containers to limits of that kind. */
  readonly MemoryLimit?: boolean
  readonly CpuCfsQuota?: boolean
  readonly PidsLimit?: boolean
  readonly DockerRootDir: string
  readonly SecurityOptions: readonly string[] | null
  readonly ServerVersion: string
}

export interface VolumeDetails {
  readonly Name: string
  readonly Labels: Readonly<Record<string, string>> | null
}

/** One line of what the Engine says while it loads images. */
export interface LoadLine {
  readonly stream?: string
  readonly error?: string
}
