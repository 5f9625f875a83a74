/** What a change of a pod may not do, and which changes are left: almost none. */
import { isDeepStrictEqual } from 'node:util'
import { isInRange } from '../../names.ts'
import type { NodeAffinity } from '../../parts/core/affinity.ts'
import type { Container } from '../../parts/core/container.ts'
import type { NodeSelectorTerm } from '../../parts/core/node-selector.ts'
import type { PodSchedulingGate, Toleration } from '../../parts/core/pod-scheduling.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { Path, Problems } from '../../problems.ts'
import { changeText } from '../change-text.ts'
import { validateTolerations } from '../tolerations.ts'
import { validateAnnotationChange } from './annotations.ts'
import { report } from './checks.ts'
import { checkImagePadding } from './containers.ts'
import type { PodLike } from './pod.ts'

const DEADLINE_MAX_SECONDS = 2_147_483_647

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(
  next: PodLike,
  previous: PodLike,
  at: Path,
  problems: Problems,
): void {
  const annotationsAt = at.child('metadata').child('annotations')
  const [after, before] = [next.metadata.annotations, previous.metadata.annotations]
  validateAnnotationChange(after, before, annotationsAt, problems)
  const specAt = at.child('spec')
  if (!checkFixedFields(next.spec, previous.spec, specAt, problems)) return
  if (isDeepStrictEqual(next.spec, previous.spec)) return
  const rest = withoutChangeable(next.spec, previous.spec)
  if (previous.spec.schedulingGates) takeBackGated(rest, previous.spec, specAt, problems)
  if (isDeepStrictEqual(rest, previous.spec)) return
  const difference = changeText('core.PodSpec', previous.spec, rest)
  const detail = `pod updates may not change fields other than ${changeable}\n${difference}`
  problems.forbidden(specAt, detail)
}

/** Whether it makes sense to look further. */
function checkFixedFields(next: PodSpec, previous: PodSpec, at: Path, problems: Problems): boolean {
  const lists = ['containers', 'initContainers'] as const
  for (const list of lists) {
    const [after, before] = [next[list] ?? [], previous[list] ?? []]
    if (!checkImages(after, before, at.child(list), problems)) return false
  }
  const [deadline, earlier] = [next.activeDeadlineSeconds, previous.activeDeadlineSeconds]
  if (!checkDeadline(deadline, earlier, at.child('activeDeadlineSeconds'), problems)) return false
  checkTolerations(next.tolerations, previous.tolerations, at.child('tolerations'), problems)
  checkGates(next.schedulingGates, previous.schedulingGates, at.child('schedulingGates'), problems)
  return true
}

function checkImages(
  next: readonly Container[],
  previous: readonly Container[],
  at: Path,
  problems: Problems,
): boolean {
  if (next.length !== previous.length) {
    problems.forbidden(at, 'pod updates may not add or remove containers')
    return false
  }
  for (const [position, container] of next.entries()) {
    const place = at.index(position)
    if (!container.image) problems.required(place.child('image'))
    checkImagePadding(container, place, problems)
  }
  return true
}

/** A deadline may be set, and then only come closer. */
function checkDeadline(
  next: number | undefined,
  previous: number | undefined,
  at: Path,
  problems: Problems,
): boolean {
  if (next === undefined) {
    if (previous === undefined) return true
    problems.invalid(at, null, 'must not update from a positive integer to nil value')
    return true
  }
  const messages = isInRange(next, 0, DEADLINE_MAX_SECONDS)
  if (!messages.length && previous !== undefined && previous < next) {
    messages.push('must be less than or equal to previous value')
  }
  report(messages, next, at, problems)
  return !messages.length
}

function checkTolerations(
  next: readonly Toleration[] | undefined,
  previous: readonly Toleration[] | undefined,
  at: Path,
  problems: Problems,
): void {
  if (next === previous) return
  const kept = new Set((next ?? []).map(textWithoutSeconds))
  if ((previous ?? []).every((each) => kept.has(textWithoutSeconds(each)))) {
    validateTolerations(next, at, problems)
  } else {
    const detail = 'existing toleration can not be modified except its tolerationSeconds'
    problems.forbidden(at, detail)
  }
}

/** Equal for tolerations that differ in how long they hold, and for no others. */
function textWithoutSeconds({ key, operator, value, effect }: Toleration): string {
  return JSON.stringify([key, operator, value, effect])
}

function checkGates(
  next: readonly PodSchedulingGate[] | undefined,
  previous: readonly PodSchedulingGate[] | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!next) return
  const known = new Set((previous ?? []).map(({ name }) => name))
  for (const [position, { name }] of next.entries()) {
    if (known.has(name)) continue
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    problems.forbidden(at.index(position).child('name'), detail)
  }
}

/** A copy of the spec in which everything that may change is as it was. */
function withoutChangeable(next: PodSpec, previous: PodSpec): PodSpec {
  const rest = { ...next }
  for (const list of ['containers', 'initContainers'] as const) {
    const [after, before] = [next[list], previous[list]]
    if (after && before) {
      rest[list] = after.map((each, position) => withImage(each, before[position]!))
    }
  }
  takeBack(rest, previous, 'activeDeadlineSeconds')
  takeBack(rest, previous, 'schedulingGates')
  takeBack(rest, previous, 'tolerations')
  const wasNegative = previous.terminationGracePeriodSeconds < 0
  if (wasNegative && next.terminationGracePeriodSeconds === 1) {
    takeBack(rest, previous, 'terminationGracePeriodSeconds')
  }
  return rest
}

function withImage(container: Container, { image }: Container): Container {
  const copy = { ...container }
  if (image === undefined) delete copy.image
  else copy.image = image
  return copy
}

function takeBack(target: PodSpec, source: PodSpec, name: keyof PodSpec): void {
  if (source[name] === undefined) delete target[name]
  else Object.assign(target, { [name]: source[name] })
}

/** Until the last gate is gone, the choice of nodes may still become narrower. */
function takeBackGated(rest: PodSpec, previous: PodSpec, at: Path, problems: Problems): void {
  if (!isDeepStrictEqual(rest.nodeSelector, previous.nodeSelector)) {
    const [after, before] = [rest.nodeSelector ?? {}, previous.nodeSelector ?? {}]
    if (Object.entries(before).some(([key, value]) => after[key] !== value)) {
      const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
      problems.invalid(at.child('nodeSelector'), after, detail)
    }
    takeBack(rest, previous, 'nodeSelector')
  }
  const [after, before] = [rest.affinity?.nodeAffinity, previous.affinity?.nodeAffinity]
  if (isDeepStrictEqual(after, before)) return
  checkNodeAffinity(after, before, at.child('affinity').child('nodeAffinity'), problems)
  const { nodeAffinity: _, ...others } = rest.affinity ?? {}
  rest.affinity = before ? { ...others, nodeAffinity: before } : others
  if (!previous.affinity && !Object.keys(rest.affinity).length) delete rest.affinity
}

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'

function checkNodeAffinity(
  next: NodeAffinity | undefined,
  previous: NodeAffinity | undefined,
  at: Path,
  problems: Problems,
): void {
  const before = previous?.[requiredTerms]?.nodeSelectorTerms ?? []
  const after = next?.[requiredTerms]?.nodeSelectorTerms ?? []
  if (!before.length) return
  const place = at.child(requiredTerms).child('nodeSelectorTerms')
  if (before.length !== after.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    problems.invalid(place, after, detail)
    return
  }
  for (const [position, term] of before.entries()) {
    if (hasOnlyMore(after[position]!, term)) continue
    const detail = 'only additions are allowed (no mutations or deletions)'
    problems.invalid(place.index(position), after[position], detail)
  }
}

/** A term without conditions selects nothing, and must not come to select something. */
function hasOnlyMore(next: NodeSelectorTerm, previous: NodeSelectorTerm): boolean {
  if (!previous.matchExpressions && !previous.matchFields) return isDeepStrictEqual(next, previous)
  return (['matchExpressions', 'matchFields'] as const).every((list) =>
    (previous[list] ?? []).every((old) =>
      (next[list] ?? []).some((each) => isDeepStrictEqual(each, old)),
    ),
  )
}
