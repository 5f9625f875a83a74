/** ReplicaSets: a selector that selects what the template makes, and counters that add up. */
import type { ReplicaSetSpec, ReplicaSetStatus } from '../kinds/apps/replica-set.ts'
import type { Path, Problems } from '../problems.ts'
import {
  validateCounters,
  validateLastingTemplate,
  validateNotAbove,
  validateSelector,
} from './workload.ts'

export function validateReplicaSetSpec(spec: ReplicaSetSpec, at: Path, problems: Problems): void {
  validateCounters(spec, ['replicas', 'minReadySeconds'], at, problems)
  // Upstream shares this text with Deployments.
  validateSelector(spec, { owner: 'deployment', unusable: 'invalid label selector' }, at, problems)
  validateLastingTemplate(spec.template, 'ReplicaSet', at.child('template'), problems)
}

export function validateReplicaSetStatus(
  status: ReplicaSetStatus,
  at: Path,
  problems: Problems,
): void {
  const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const
  const counters = ['replicas', ...parts, 'terminatingReplicas', 'observedGeneration'] as const
  validateCounters(status, counters, at, problems)
  const replicas = { value: status.replicas, name: 'status.replicas' }
  validateNotAbove(status, parts, replicas, at, problems)
  const ready = { value: status.readyReplicas, name: 'readyReplicas' }
  validateNotAbove(status, ['availableReplicas'], ready, at, problems)
}
