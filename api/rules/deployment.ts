/** Deployments: a selector, a strategy that can make progress, and counters that add up. */
import type {
  DeploymentSpec,
  DeploymentStatus,
  DeploymentStrategy,
} from '../kinds/apps/deployment.ts'
import type { Path, Problems } from '../problems.ts'
import {
  intOrPercentValue,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateNonNegative,
} from './int-or-percent.ts'
import {
  validateCollisionCount,
  validateCounters,
  validateLastingTemplate,
  validateNotAbove,
  validateSelector,
} from './workload.ts'

/** In upstream's order: the template comes before the strategy. */
export function validateDeploymentSpec(spec: DeploymentSpec, at: Path, problems: Problems): void {
  validateNonNegative(spec.replicas, at.child('replicas'), problems)
  validateSelector(spec, { owner: 'deployment', unusable: 'invalid label selector' }, at, problems)
  // The pods are those of a ReplicaSet, which is what upstream's message names.
  validateLastingTemplate(spec.template, 'ReplicaSet', at.child('template'), problems)
  validateStrategy(spec.strategy, at.child('strategy'), problems)
  validateCounters(spec, ['minReadySeconds', 'revisionHistoryLimit'], at, problems)
  validateProgressDeadline(spec, at.child('progressDeadlineSeconds'), problems)
}

function validateProgressDeadline(spec: DeploymentSpec, at: Path, problems: Problems): void {
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec
  validateNonNegative(progressDeadlineSeconds, at, problems)
  if (progressDeadlineSeconds <= minReadySeconds) {
    problems.invalid(at, progressDeadlineSeconds, 'must be greater than minReadySeconds')
  }
}

function validateStrategy(strategy: DeploymentStrategy, at: Path, problems: Problems): void {
  const { type, rollingUpdate } = strategy
  const place = at.child('rollingUpdate')
  if (type === 'Recreate') {
    if (!rollingUpdate) return
    problems.forbidden(place, "may not be specified when strategy `type` is 'Recreate'")
    return
  }
  if (type !== 'RollingUpdate') {
    // Upstream shows the whole strategy, under the names of its Go fields.
    const shown = { Type: type, RollingUpdate: rollingUpdate ?? null }
    problems.notSupported(at, shown, ['Recreate', 'RollingUpdate'])
    return
  }
  if (!rollingUpdate) {
    problems.required(place, 'this should be defaulted and never be nil')
    return
  }
  const { maxUnavailable, maxSurge } = rollingUpdate
  const maxUnavailableAt = place.child('maxUnavailable')
  validateIntOrPercent(maxUnavailable, maxUnavailableAt, problems)
  validateIntOrPercent(maxSurge, place.child('maxSurge'), problems)
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    problems.invalid(maxUnavailableAt, maxUnavailable, 'may not be 0 when `maxSurge` is 0')
  }
  validateAtMost100Percent(maxUnavailable, maxUnavailableAt, problems)
}

export function validateDeploymentStatus(
  next: DeploymentStatus,
  previous: DeploymentStatus,
  at: Path,
  problems: Problems,
): void {
  validateCounters(
    next,
    [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    at,
    problems,
  )
  const replicas = { value: next.replicas, name: 'status.replicas' }
  const parts = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const
  validateNotAbove(next, parts, replicas, at, problems)
  const ready = { value: next.readyReplicas, name: 'readyReplicas' }
  validateNotAbove(next, ['availableReplicas'], ready, at, problems)
  validateCollisionCount(next, previous, at, problems)
}
