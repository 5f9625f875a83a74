/** What the server adds to a pod that is created. */
import type { PodAffinity, PodAffinityTerm } from '../../parts/core/affinity.ts'
import type { Container } from '../../parts/core/container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { PodCondition, PodStatus } from '../../parts/core/pod-status.ts'
import type { LabelSelector } from '../../parts/meta/label-selector.ts'
import { Path } from '../../problems.ts'
import { qosClassOf } from '../qos.ts'
import { appArmorPrefix, appArmorProfileOf } from './annotations.ts'
import { eachContainer } from './each-container.ts'
import type { PodLike } from './pod.ts'

type Labels = Readonly<Record<string, string>>

/** Expects a pod that admission has completed: the quality of service depends on it. */
export function prepareNewPod(pod: PodLike): void {
  pod.status = newStatus(pod)
  selectLikePod(pod.spec, pod.metadata.labels ?? {})
  if (pod.metadata.annotations && pod.spec.os?.name !== 'windows') adoptAppArmor(pod)
}

function newStatus({ metadata, spec }: PodLike): PodStatus {
  const qosClass = qosClassOf(spec)
  if (!spec.schedulingGates) return { phase: 'Pending', qosClass }
  const gated: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: metadata.creationTimestamp ?? null,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
  return { phase: 'Pending', conditions: [gated], qosClass }
}

/** Keys that stand for the pod's own labels become conditions on the labels of other pods. */
function selectLikePod({ affinity, topologySpreadConstraints }: PodSpec, labels: Labels): void {
  for (const term of [...termsOf(affinity?.podAffinity), ...termsOf(affinity?.podAntiAffinity)]) {
    const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term
    if (!labelSelector) continue
    addConditions(labelSelector, matchLabelKeys, 'In', labels)
    addConditions(labelSelector, mismatchLabelKeys, 'NotIn', labels)
  }
  for (const { labelSelector, matchLabelKeys } of topologySpreadConstraints ?? []) {
    if (labelSelector) addConditions(labelSelector, matchLabelKeys, 'In', labels)
  }
}

function termsOf(affinity: PodAffinity | undefined): PodAffinityTerm[] {
  if (!affinity) return []
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required = [],
    preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
  } = affinity
  return [...preferred.map(({ podAffinityTerm }) => podAffinityTerm), ...required]
}

function addConditions(
  selector: LabelSelector,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Labels,
): void {
  for (const key of keys ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    if (value === undefined) continue
    selector.matchExpressions ??= []
    selector.matchExpressions.push({ key, operator, values: [value] })
  }
}

/** Annotations about AppArmor become the fields that took their place. */
function adoptAppArmor({ metadata, spec }: PodLike): void {
  for (const { container } of eachContainer(spec, Path.root)) {
    const text = metadata.annotations?.[`${appArmorPrefix}${container.name}`]
    const profile = text === undefined ? undefined : appArmorProfileOf(text)
    if (!profile || container.securityContext?.appArmorProfile) continue
    const ofPod = spec.securityContext.appArmorProfile
    if (JSON.stringify(ofPod) !== JSON.stringify(profile)) setProfile(container, profile)
  }
}

function setProfile(
  container: Container,
  appArmorProfile: NonNullable<ReturnType<typeof appArmorProfileOf>>,
): void {
  container.securityContext = { ...container.securityContext, appArmorProfile }
}
