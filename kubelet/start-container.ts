/** The way of one container from its image to its first hook. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { ConfigError } from './config-error.ts'
import { runHook } from './hooks.ts'
import { ImageProblem } from './images.ts'
import { fieldPathOf, type PodContainer } from './pod-containers.ts'
import type { Failure } from './pod-memory.ts'
import type { PodParts } from './pod-parts.ts'
import { VolumeError } from './pod-volumes.ts'
import { type Image, type ObservedSandbox, StartError } from './runtime.ts'
import { containerSpec } from './spec/container.ts'

export interface StartOrder {
  readonly pod: Pod
  readonly container: PodContainer
  readonly attempt: number
  readonly sandbox: ObservedSandbox
  /** Container whose processes an ephemeral one sees. */
  readonly targetContainerId: string | undefined
}

export interface Started {
  readonly id: string
  readonly image: Image
  /** Its first hook has failed: it has to go again. */
  readonly isDoomed: boolean
}

/** Rejects with what failureOf() understands, or with the reason of the signal. */
export async function startContainer(
  order: StartOrder,
  parts: PodParts,
  signal: AbortSignal,
): Promise<Started> {
  const { pod, container, sandbox } = order
  const { runtime, images, events } = parts
  const fieldPath = fieldPathOf(container)
  const image = await images.ensure(pod, container, signal)
  signal.throwIfAborted()
  const id = await created(order, image, parts, signal)
  events.normal(pod, 'Created', 'Container created', { fieldPath })
  signal.throwIfAborted()
  await runtime.startContainer(id)
  events.normal(pod, 'Started', 'Container started', { fieldPath })
  const isDoomed = !(await hasHookSucceeded(order, id, ipOf(pod, sandbox, parts), parts, signal))
  return { id, image, isDoomed }
}

async function created(
  { pod, container, attempt, sandbox, targetContainerId }: StartOrder,
  image: Image,
  { runtime, provisions, node }: PodParts,
  signal: AbortSignal,
): Promise<string> {
  const { hostIps, allocatable, resources, security } = node
  const podIps = pod.spec.hostNetwork ? hostIps : sandbox.ips
  const facts = { podIps, hostIps, allocatable }
  const provided = await provisions.provide(pod, container.container, attempt, facts)
  signal.throwIfAborted()
  const spec = containerSpec(pod, container, {
    attempt,
    image,
    ...provided,
    node: resources,
    security,
    targetContainerId,
  })
  return runtime.createContainer(sandbox, spec)
}

/** Of a pod on the network of its node, that of the node. */
export function ipOf(pod: Pod, sandbox: ObservedSandbox | undefined, { node }: PodParts): string {
  const [ip = ''] = pod.spec.hostNetwork ? node.hostIps : (sandbox?.ips ?? [])
  return ip
}

async function hasHookSucceeded(
  { pod, container }: StartOrder,
  containerId: string,
  ip: string,
  { runtime, clock, events }: PodParts,
  signal: AbortSignal,
): Promise<boolean> {
  const hook = container.container.lifecycle?.postStart
  if (!hook) return true
  const target = { containerId, container: container.container, ip }
  try {
    await runHook(hook, target, { runtime, clock }, signal)
    return true
  } catch (error) {
    signal.throwIfAborted()
    const message = `PostStartHook failed: ${(error as Error).message}`
    events.warning(pod, 'FailedPostStartHook', message, { fieldPath: fieldPathOf(container) })
    return false
  }
}

/** What the spec asks for may be there soon, and so may what the engine lacks. */
const RETRY_MS = 10_000

export function failureOf(error: unknown, nowMs: number): Failure {
  if (error instanceof ImageProblem) {
    const { reason, message, retryAtMs } = error
    return { reason, message, retryAtMs }
  }
  const { message } = error as Error
  if (error instanceof ConfigError || error instanceof VolumeError) {
    return { reason: 'CreateContainerConfigError', message, retryAtMs: nowMs + RETRY_MS }
  }
  const reason = error instanceof StartError ? error.reason : 'CreateContainerError'
  // What could not run has become a container that has ended, which waits by itself.
  const delayMs = reason === 'RunContainerError' ? 0 : RETRY_MS
  return { reason, message, retryAtMs: nowMs + delayMs }
}
