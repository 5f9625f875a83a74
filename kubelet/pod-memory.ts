/** What a worker remembers of its pod beyond what API and runtime show; lost with the process. */
import type { ResourceRequirements } from '#api/parts/core/resources.ts'
import type { BackOff } from './back-off.ts'

/** Why a container waits. */
export interface Waiting {
  readonly reason: string
  readonly message?: string | undefined
}

/** A step that failed and is tried again. */
export interface Failure extends Waiting {
  readonly retryAtMs: number
}

export type Doom = 'liveness' | 'startup' | 'postStart'

/** About one run of a container, found by its id. */
export interface Run {
  readonly id: string
  readonly isStarted: boolean
  readonly isReady: boolean
  /** It has to be stopped, and begins again where its policy allows. */
  readonly doom?: Doom | undefined
  /** The hook before its stop has been run. */
  readonly isPrepared?: boolean | undefined
}

/** What goes on for a container at this moment; never more than one thing. */
export type Job =
  | { readonly type: 'start' }
  | { readonly type: 'preStop'; readonly deadlineMs: number }
  | { readonly type: 'stop'; readonly deadlineMs: number }
  | { readonly type: 'resize' }

export interface ContainerMemory {
  readonly failure?: Failure | undefined
  readonly crashes?: BackOff | undefined
  readonly run?: Run | undefined
  readonly job?: Job | undefined
  /** Id of a container that was stopped so that it begins again. */
  readonly restartOf?: string | undefined
  /** Last words of ended containers, by id. */
  readonly lastWords?: ReadonlyMap<string, string> | undefined
  /** Resources that the running container has, once they have been changed. */
  readonly resources?: { readonly id: string; readonly value: ResourceRequirements } | undefined
  /** Digest of the image that it runs, by the id of the container. */
  readonly imageIds?: ReadonlyMap<string, string> | undefined
}

export interface PodMemory {
  readonly containers: ReadonlyMap<string, ContainerMemory>
  readonly volumes: 'unknown' | 'preparing' | 'ready' | Failure
  readonly sandbox: 'idle' | 'starting' | 'stopping' | Failure
}

const nothing: ContainerMemory = {}

export const memoryOf = ({ containers }: PodMemory, name: string): ContainerMemory =>
  containers.get(name) ?? nothing

export const isFailure = (state: string | Failure): state is Failure => typeof state !== 'string'
