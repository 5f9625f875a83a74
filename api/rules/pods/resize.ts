/** The subresource `resize`: changes the cpu and memory of a pod in place, and nothing else. */
import { isDeepStrictEqual } from 'node:util'
import type { Container } from '../../parts/core/container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { ResourceRequirements } from '../../parts/core/resources.ts'
import { Path, type Problems } from '../../problems.ts'
import { qosClassOf } from '../qos.ts'
import { mirrorPod } from './annotations.ts'
import { isSidecar } from './each-container.ts'
import { type PodLike, validatePod } from './pod.ts'

type Amounts = Record<string, string>

const wholePath = Path.root.child('')
const specPath = Path.root.child('spec')
const onlyAmounts = 'only cpu and memory resources are mutable'

/**
 * The spec as it was, but for resources and resize policies of the request. A spec with other
 * containers is left for validation to refuse.
 */
export function withResizedContainers(next: PodSpec, previous: PodSpec): PodSpec {
  const containers = resized(next.containers, previous.containers)
  const initContainers = resized(next.initContainers, previous.initContainers)
  if (containers === 'others' || initContainers === 'others') return next
  const { resources: _, ...spec } = { ...previous, containers: containers ?? null }
  if (initContainers) spec.initContainers = initContainers
  return next.resources ? { ...spec, resources: next.resources } : spec
}

function resized(
  next: readonly Container[] | null | undefined,
  previous: readonly Container[] | null | undefined,
): Container[] | undefined | 'others' {
  const [after, before] = [next ?? [], previous ?? []]
  const isSame =
    after.length === before.length && after.every(({ name }, at) => name === before[at]!.name)
  if (!isSame) return 'others'
  if (!previous) return undefined
  return before.map((container, at) => {
    const { resizePolicy: _, ...rest } = container
    const { resources, resizePolicy } = after[at]!
    return { ...rest, resources, ...(resizePolicy && { resizePolicy }) }
  })
}

export function validateResize(next: PodLike, previous: PodLike, problems: Problems): void {
  const refusal = refusalOf(previous)
  if (refusal) {
    problems.forbidden(wholePath, refusal)
    return
  }
  const before = problems.list.length
  validatePod(next, Path.root, problems)
  if (!hasSameContainers(next.spec, previous.spec)) {
    problems.forbidden(specPath, onlyAmounts)
    return
  }
  if ((previous.status.qosClass ?? qosClassOf(previous.spec)) !== qosClassOf(next.spec)) {
    const detail = 'Pod QOS Class may not change as a result of resizing'
    problems.invalid(specPath, next.status.qosClass ?? '', detail)
  }
  if (!isSupportedByNode(previous)) {
    problems.forbidden(specPath, 'Pod running on node without support for resize')
  }
  checkRemovals(next.spec, previous.spec, problems)
  checkOthers(next.spec, previous.spec, problems)
  if (problems.list.length > before) return
  if (!isDeepStrictEqual(withAmountsOf(next.spec, previous.spec), previous.spec)) {
    problems.forbidden(specPath, onlyAmounts)
  }
}

function refusalOf({ metadata, spec }: PodLike): string | undefined {
  if (metadata.annotations?.[mirrorPod] !== undefined) return 'static pods cannot be resized'
  return spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined
}

function hasSameContainers(next: PodSpec, previous: PodSpec): boolean {
  return (['containers', 'initContainers'] as const).every(
    (list) => (next[list]?.length ?? 0) === (previous[list]?.length ?? 0),
  )
}

/** A kubelet that can resize says so by reporting the resources of what runs. */
function isSupportedByNode({ status }: PodLike): boolean {
  const running = status.containerStatuses?.find(({ state }) => state.running)
  return !running || running.resources !== undefined
}

function checkRemovals(next: PodSpec, previous: PodSpec, problems: Problems): void {
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [position, container] of (previous[list] ?? []).entries()) {
      if (list === 'initContainers' && !isSidecar(container)) continue
      const place = specPath.child(list).index(position).child('resources')
      checkRemoved(next[list]![position]!.resources, container.resources, place, problems)
    }
  }
  if (previous.resources) {
    checkRemoved(next.resources ?? {}, previous.resources, specPath.child('resources'), problems)
  }
}

function checkRemoved(
  next: ResourceRequirements,
  previous: ResourceRequirements,
  at: Path,
  problems: Problems,
): void {
  for (const side of ['requests', 'limits'] as const) {
    const after = next[side] ?? {}
    if (Object.keys(previous[side] ?? {}).some((name) => !Object.hasOwn(after, name))) {
      problems.forbidden(at.child(side), `resource ${side} cannot be removed`)
    }
  }
}

function checkOthers(next: PodSpec, previous: PodSpec, problems: Problems): void {
  for (const [position, container] of (next.containers ?? []).entries()) {
    const old = previous.containers![position]!
    if (!isResizeOf(container, old)) problems.forbidden(specPath, onlyAmounts)
  }
  for (const [position, container] of (next.initContainers ?? []).entries()) {
    const old = previous.initContainers![position]!
    if (isSidecar(container)) {
      if (!isResizeOf(container, old)) {
        const detail = 'only cpu and memory resources for sidecar containers are mutable'
        problems.forbidden(specPath, detail)
      }
    } else if (!isDeepStrictEqual(container, old)) {
      problems.forbidden(specPath, 'resources for non-sidecar init containers are immutable')
    }
  }
}

const isResizeOf = (next: Container, previous: Container): boolean =>
  isDeepStrictEqual({ ...next, resources: takenBack(next, previous) }, previous)

function withAmountsOf(next: PodSpec, previous: PodSpec): PodSpec {
  const back = (each: Container, old: Container) => ({ ...each, resources: takenBack(each, old) })
  const spec = { ...next }
  for (const list of ['containers', 'initContainers'] as const) {
    const [after, before] = [next[list], previous[list]]
    if (after && before) spec[list] = after.map((each, at) => back(each, before[at]!))
  }
  if (next.resources && previous.resources) {
    spec.resources = takenBack({ resources: next.resources }, { resources: previous.resources })
  }
  return spec
}

interface WithResources {
  readonly resources: ResourceRequirements
}

/** The resources with cpu and memory as they were. */
function takenBack(next: WithResources, previous: WithResources): ResourceRequirements {
  const resources = { ...next.resources }
  for (const side of ['requests', 'limits'] as const) {
    const amounts = amountsBack(next.resources[side], previous.resources[side])
    if (amounts) resources[side] = amounts
    else delete resources[side]
  }
  return resources
}

function amountsBack(next: Amounts = {}, previous: Amounts = {}): Amounts | undefined {
  const { cpu: _cpu, memory: _memory, ...others } = next
  const { cpu, memory } = previous
  const amounts: Amounts = {
    ...others,
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
  }
  return Object.keys(amounts).length ? amounts : undefined
}
