/** The subresource `binding`: what it means that a scheduler gives a pod to a node. */
import { findCondition } from '../../conditions.ts'
import type { PodCondition } from '../../parts/core/pod-status.ts'
import type { ObjectMeta } from '../../parts/meta/object-meta.ts'
import type { PodLike } from './pod.ts'

interface BindingLike {
  readonly metadata: Partial<ObjectMeta>
  readonly target: { readonly name?: string }
}

/** Why the pod cannot be bound as things are; the request is in conflict with them. */
export function bindingRefusal({ metadata, spec }: PodLike): string | undefined {
  const { name, deletionTimestamp } = metadata
  if (deletionTimestamp) return `pod ${name} is being deleted, cannot be assigned to a host`
  if (spec.nodeName) {
    return `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`
  }
  return spec.schedulingGates ? `pod ${name} has non-empty .spec.schedulingGates` : undefined
}

/** The pod on its node, with labels and annotations of the binding; `now` is a time of the API. */
export function boundPod<P extends PodLike>(pod: P, binding: BindingLike, now: string): P {
  const { annotations, labels } = binding.metadata
  const { nominatedNodeName: _, ...status } = pod.status
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(labels && { labels: { ...pod.metadata.labels, ...labels } }),
      ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }),
    },
    spec: { ...pod.spec, nodeName: binding.target.name ?? '' },
    status: { ...status, conditions: scheduled(status.conditions ?? [], now) },
  }
}

/** Whatever the condition said before, such as why the pod had to wait, is over. */
function scheduled(conditions: readonly PodCondition[], now: string): PodCondition[] {
  const previous = findCondition(conditions, 'PodScheduled')
  const next: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: previous?.status === 'True' ? previous.lastTransitionTime : now,
  }
  if (!previous) return [...conditions, next]
  return conditions.map((condition) => (condition === previous ? next : condition))
}
