/** The containers of pods on an Engine: made once, started once, stopped within their grace. */
import { readFile } from 'node:fs/promises'
import type { Clock } from '#daemon/clock.ts'
import { type Engine, isGone } from '#engine/engine.ts'
import { EngineError, hasStatus, unlessMissing } from '#engine/engine-error.ts'
import type { ContainerDetails } from '#engine/types.ts'
import {
  type ContainerResources,
  type ContainerSpec,
  type PodIdentity,
  StartError,
} from '../runtime.ts'
import type { Abilities } from './abilities.ts'
import { type LogLimits, limits, planContainer } from './container-body.ts'
import { endContainer } from './ending.ts'
import { containerName, isOfScope, labelNames, type Scope } from './labels.ts'
import { containerFrom, type SandboxFacts } from './observed.ts'
import type { Seats } from './seats.ts'

export interface ContainersOptions {
  readonly engine: Engine
  readonly scope: Scope
  readonly clock: Clock
  readonly abilities: Abilities
  readonly logs: LogLimits
  readonly starts: Seats
  /** Told what a container goes without because its host does not have it. */
  readonly onLack: (pod: PodIdentity, container: string, lack: string) => void
}

const DEFAULT_STOP_SIGNAL = 'SIGTERM'
/** What a shell says when the program is not there; and a runtime that could not even try. */
const UNKNOWN_EXIT_CODE = 128

export class Containers {
  readonly #options: ContainersOptions

  constructor(options: ContainersOptions) {
    this.#options = options
  }

  async create(sandbox: SandboxFacts, spec: ContainerSpec): Promise<string> {
    const { engine, scope, abilities, logs, onLack } = this.#options
    const { seccomp } = spec.security
    const seccompProfile =
      seccomp?.type === 'local' ? await readProfile(seccomp.profile) : undefined
    const options = { scope, abilities, logs, seccompProfile }
    const { body, lacks } = planContainer(spec, sandbox, options)
    const name = containerName(spec)
    const attempt = async (): Promise<string> => {
      const id = await engine.createContainer(name, body)
      for (const lack of lacks) onLack(spec.pod, spec.name, lack)
      return id
    }
    try {
      return await attempt()
    } catch (error) {
      if (hasStatus(error, 409)) {
        const existing = await this.#existing(name, sandbox)
        if (existing !== undefined) return existing
        return await attempt().catch((again) => refuse('CreateContainerError', again))
      }
      return refuse('CreateContainerError', error)
    }
  }

  /** One that has run before is never run again. */
  async start(id: string): Promise<void> {
    const { engine, starts } = this.#options
    const details = await this.#ours(id)
    if (!details) throw new StartError('RunContainerError', `container ${id} is gone`, 128)
    const { state } = containerFrom(details)
    if (state === 'running' || state === 'exited') return
    try {
      // A pod that has its sandbox is nearly there: it goes before those that have nothing yet.
      await starts.run(() => engine.startContainer(id), { isUrgent: true })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const after = await unlessMissing(engine.inspectContainer(id))
      const exitCode = after?.State.ExitCode || UNKNOWN_EXIT_CODE
      throw new StartError('RunContainerError', error.message, exitCode, error)
    }
  }

  async stop(id: string, graceSeconds: number, stopSignal?: string): Promise<void> {
    const details = await this.#ours(id)
    if (!details?.State.Running) return
    const signal = stopSignal ?? details.Config.StopSignal ?? DEFAULT_STOP_SIGNAL
    const asked = graceSeconds > 0 ? { signal, graceMs: graceSeconds * 1000 } : undefined
    await endContainer(this.#options, id, asked)
  }

  async remove(id: string): Promise<void> {
    if (!(await this.#ours(id))) return
    try {
      await this.#options.engine.removeContainer(id, true)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }

  async update(id: string, resources: ContainerResources): Promise<void> {
    const details = await this.#ours(id)
    if (!details) throw new Error(`container ${id}: there is none of this id`)
    await this.#options.engine.updateContainer(id, limits(resources))
  }

  /** Undefined when it is gone; anything that is not ours is never touched. */
  async #ours(id: string): Promise<ContainerDetails | undefined> {
    const details = await unlessMissing(this.#options.engine.inspectContainer(id))
    if (details && !isOfScope(details.Config.Labels, this.#options.scope)) {
      throw new Error(`container ${id}: it is not ours`)
    }
    return details
  }

  /** The one that has the name already; undefined when it belonged to an earlier sandbox. */
  async #existing(name: string, sandbox: SandboxFacts): Promise<string | undefined> {
    const details = await this.#ours(name)
    if (!details) return undefined
    const isSame = details.Config.Labels[labelNames.sandboxId] === sandbox.id
    if (isSame) return details.Id
    await this.remove(details.Id)
    return undefined
  }
}

function refuse(reason: StartError['reason'], error: unknown): never {
  if (!(error instanceof EngineError)) throw error
  throw new StartError(reason, error.message, UNKNOWN_EXIT_CODE, error)
}

async function readProfile(path: string): Promise<string> {
  try {
    // Without its line breaks: the Engine takes it as one option.
    return JSON.stringify(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const message = `cannot load seccomp profile "${path}": ${String(error)}`
    throw new StartError('CreateContainerError', message, UNKNOWN_EXIT_CODE, error)
  }
}
