/** Objects besides nodes and pods that decisions depend on, read from the caches. */

import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { ReplicationController } from '#api/kinds/core/replication-controller.ts'
import { Service } from '#api/kinds/core/service.ts'
import { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import {
  type LabelSelector,
  type Labels,
  type Requirement,
  selectorFromLabels,
  selectorFromObject,
  selectorOf,
} from '#api/label-selector.ts'
import { controllerOf } from '#client/cache.ts'
import type { InformerSet } from '#client/informer-set.ts'
import type { ClusterView } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

const noLabels: Labels = {}

export function catalogFrom(
  informers: InformerSet,
): Pick<ClusterView, 'namespaceLabels' | 'siblings' | 'budgets'> {
  const { cache: namespaces } = informers.get(Namespace)
  const { cache: services } = informers.get(Service)
  const { cache: controllers } = informers.get(ReplicationController)
  const { cache: replicaSets } = informers.get(ReplicaSet)
  const { cache: statefulSets } = informers.get(StatefulSet)
  const { cache: budgets } = informers.get(PodDisruptionBudget)

  /** What the owner of the pod selects, if it is of a kind that spreads its pods. */
  const ofOwner = ({ pod, namespace }: PodInfo): LabelSelector | undefined => {
    const owner = controllerOf(pod)
    if (!owner) return undefined
    const target = { name: owner.name, namespace }
    switch (`${owner.apiVersion} ${owner.kind}`) {
      case 'v1 ReplicationController': {
        const selector = controllers.get(target)?.spec.selector
        return selector && selectorFromLabels(selector)
      }
      case 'apps/v1 ReplicaSet':
        return selectorOrNone(replicaSets.get(target)?.spec.selector)
      case 'apps/v1 StatefulSet':
        return selectorOrNone(statefulSets.get(target)?.spec.selector)
      default:
        return undefined
    }
  }

  return {
    budgets: (namespace) => budgets.list(namespace),
    namespaceLabels: (name) => namespaces.get({ name })?.metadata.labels ?? noLabels,
    siblings(pod) {
      const requirements: Requirement[] = [...(ofOwner(pod)?.requirements ?? [])]
      for (const { spec } of services.list(pod.namespace)) {
        const selector = selectorFromLabels(spec.selector)
        if (selector.requirements.length === 0 || !selector.matches(pod.labels)) continue
        requirements.push(...selector.requirements)
      }
      return requirements.length > 0 ? selectorOf(requirements) : undefined
    },
  }
}

function selectorOrNone(
  object: Parameters<typeof selectorFromObject>[0],
): LabelSelector | undefined {
  return object ? selectorFromObject(object) : undefined
}
