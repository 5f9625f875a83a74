/** DaemonSets: a strategy that can make progress, and the count of template changes. */
import { isDeepStrictEqual } from 'node:util'
import { applyDefaults } from '../defaults.ts'
import type {
  DaemonSet,
  DaemonSetSpec,
  DaemonSetStatus,
  DaemonSetUpdateStrategy,
  RollingUpdateDaemonSet,
} from '../kinds/apps/daemon-set.ts'
import { LabelSelectorError, validateLabelSelector } from '../label-selector.ts'
import { type PodTemplateSpec, podTemplateSpec } from '../parts/core/pod-template.ts'
import type { Path, Problems } from '../problems.ts'
import {
  intOrPercentValue,
  validateAtMost100Percent,
  validateIntOrPercent,
} from './int-or-percent.ts'
import {
  isEmptySelector,
  validateCollisionCount,
  validateCounters,
  validateLastingTemplate,
  validateSelectorMatches,
} from './workload.ts'

/** Where clients of older versions find how often the template has changed. */
const templateGenerationKey = 'deprecated.daemonset.template.generation'

export function startTemplateGeneration({ metadata }: DaemonSet): void {
  const given = Number(metadata.annotations?.[templateGenerationKey] ?? '0')
  setTemplateGeneration(metadata, given >= 1 ? Math.trunc(given) : 1)
}

/** The annotation is there before fields are told who owns them, as upstream has it. */
export function announceTemplateGeneration(metadata: DaemonSet['metadata']): void {
  metadata.annotations = { [templateGenerationKey]: '0', ...metadata.annotations }
}

/** Counts a change of the template; what the caller says about it does not matter. */
export function carryTemplateGeneration(next: DaemonSet, previous: DaemonSet): void {
  const generation = Number(previous.metadata.annotations?.[templateGenerationKey] ?? '1')
  const isSame = isDeepStrictEqual(defaulted(next.spec.template), previous.spec.template)
  setTemplateGeneration(next.metadata, isSame ? generation : generation + 1)
}

function setTemplateGeneration(metadata: DaemonSet['metadata'], generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGenerationKey]: `${generation}` }
}

function defaulted(template: PodTemplateSpec): PodTemplateSpec {
  return applyDefaults(podTemplateSpec, structuredClone(template))
}

/** In upstream's order: the selector is matched before it is found empty. */
export function validateDaemonSetSpec(spec: DaemonSetSpec, at: Path, problems: Problems): void {
  const place = at.child('selector')
  validateLabelSelector(spec.selector, place, problems)
  validateMatchIfUsable(spec, at, problems)
  if (spec.selector && isEmptySelector(spec.selector)) {
    problems.invalid(place, spec.selector, 'empty selector is invalid for daemonset')
  }
  validateLastingTemplate(spec.template, 'DaemonSet', at.child('template'), problems)
  validateCounters(spec, ['minReadySeconds'], at, problems)
  validateUpdateStrategy(spec.updateStrategy, at.child('updateStrategy'), problems)
  validateCounters(spec, ['revisionHistoryLimit'], at, problems)
}

/** A selector that cannot be used has been reported before. */
function validateMatchIfUsable(spec: DaemonSetSpec, at: Path, problems: Problems): void {
  try {
    validateSelectorMatches(spec, at, problems)
  } catch (error) {
    if (!(error instanceof LabelSelectorError)) throw error
  }
}

function validateUpdateStrategy(
  { type, rollingUpdate }: DaemonSetUpdateStrategy,
  at: Path,
  problems: Problems,
): void {
  if (type === 'OnDelete') return
  if (type !== 'RollingUpdate') {
    // Upstream shows the whole strategy, under the names of its Go fields.
    const shown = { Type: type, RollingUpdate: rollingUpdate ?? null }
    problems.notSupported(at, shown, ['RollingUpdate', 'OnDelete'])
    return
  }
  const place = at.child('rollingUpdate')
  if (rollingUpdate) validateRollingUpdate(rollingUpdate, place, problems)
  else problems.required(place)
}

function validateRollingUpdate(
  { maxUnavailable, maxSurge }: RollingUpdateDaemonSet,
  at: Path,
  problems: Problems,
): void {
  const maxUnavailableAt = at.child('maxUnavailable')
  const maxSurgeAt = at.child('maxSurge')
  validateIntOrPercent(maxUnavailable, maxUnavailableAt, problems)
  validateIntOrPercent(maxSurge, maxSurgeAt, problems)
  validateAtMost100Percent(maxUnavailable, maxUnavailableAt, problems)
  validateAtMost100Percent(maxSurge, maxSurgeAt, problems)
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0
  const hasSurge = intOrPercentValue(maxSurge) !== 0
  if (hasUnavailable && hasSurge) {
    problems.invalid(maxSurgeAt, maxSurge, 'may not be set when maxUnavailable is non-zero')
  } else if (!hasUnavailable && !hasSurge) {
    problems.required(maxUnavailableAt, 'cannot be 0 when maxSurge is 0')
  }
}

export function validateDaemonSetStatus(
  next: DaemonSetStatus,
  previous: DaemonSetStatus,
  at: Path,
  problems: Problems,
): void {
  validateCounters(
    next,
    [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    at,
    problems,
  )
  validateCollisionCount(next, previous, at, problems)
}
