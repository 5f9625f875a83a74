/** Which objects a quota is about, as far as its scopes say. */
import type { PersistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import type {
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../../kinds/core/resource-quota.ts'
import type { PodAffinityTerm } from '../../parts/core/affinity.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import { qosClassOf } from '../qos.ts'

export type Requirement = Pick<
  ScopedResourceSelectorRequirement,
  'scopeName' | 'operator' | 'values'
>

/** All of them must hold. */
export function requirementsOf({ scopes, scopeSelector }: ResourceQuotaSpec): Requirement[] {
  const plain = (scopes ?? []).map((scopeName): Requirement => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])]
}

export function podMeets(requirement: Requirement, { spec }: Pick<Pod, 'spec'>): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating(spec)
    case 'NotTerminating':
      return !isTerminating(spec)
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort'
    case 'PriorityClass':
      return meets(requirement, spec.priorityClassName ? [spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return affinityTerms(spec).some(
        ({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector,
      )
    default:
      return false
  }
}

export function claimMeets(
  requirement: Requirement,
  { spec, status }: Pick<PersistentVolumeClaim, 'spec' | 'status'>,
): boolean {
  if (requirement.scopeName !== 'VolumeAttributesClass') return false
  const names = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return meets(requirement, [...new Set(names.flatMap((name) => name || []))])
}

const isTerminating = ({ activeDeadlineSeconds }: PodSpec): boolean =>
  activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0

/** Whether one of the names an object has meets the rule; or having none does. */
function meets({ operator, values = [] }: Requirement, names: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0
    case 'DoesNotExist':
      return names.length === 0
    case 'In':
      return names.some((name) => values.includes(name))
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name))
    default:
      return false
  }
}

function affinityTerms({ affinity }: PodSpec): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ])
}
