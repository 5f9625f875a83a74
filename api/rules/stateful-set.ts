/** StatefulSets: what their pods and claims are made from, and the fields that may change. */
import { isDeepStrictEqual } from 'node:util'
import type {
  RollingUpdateStatefulSetStrategy,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from '../kinds/apps/stateful-set.ts'
import { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import { isDnsLabel } from '../names.ts'
import type { PodTemplateSpec } from '../parts/core/pod-template.ts'
import type { Path, Problems } from '../problems.ts'
import { validate } from '../validate.ts'
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

const retentionPolicies = ['Retain', 'Delete']

export function validateStatefulSetSpec(spec: StatefulSetSpec, at: Path, problems: Problems): void {
  const { podManagementPolicy, ordinals, serviceName } = spec
  if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') {
    const words = "must be 'OrderedReady' or 'Parallel'"
    problems.invalid(at.child('podManagementPolicy'), podManagementPolicy, words)
  }
  validateUpdateStrategy(spec.updateStrategy, at.child('updateStrategy'), problems)
  validateRetention(spec, at.child('persistentVolumeClaimRetentionPolicy'), problems)
  validateCounters(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit'], at, problems)
  validateNonNegative(ordinals?.start, at.child('ordinals').child('start'), problems)
  if (serviceName) {
    const messages = isDnsLabel(serviceName)
    for (const each of messages) problems.invalid(at.child('serviceName'), serviceName, each)
  }
  validateSelector(spec, { owner: 'statefulset', unusable: '' }, at, problems)
  const template = withClaims(spec)
  validateLastingTemplate(template, 'StatefulSet', at.child('template'), problems)
  const claimsAt = at.child('volumeClaimTemplates')
  for (const [position, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    validate(PersistentVolumeClaim.schema, claim, problems, claimsAt.index(position))
  }
}

/** The template as its pods will be: with a volume for each claim. */
function withClaims({ template, volumeClaimTemplates }: StatefulSetSpec): PodTemplateSpec {
  if (!volumeClaimTemplates?.length) return template
  const volumes = [...(template.spec.volumes ?? [])]
  for (const { metadata } of volumeClaimTemplates) {
    const name = metadata.name ?? ''
    if (volumes.some((volume) => volume.name === name)) continue
    volumes.push({ name, persistentVolumeClaim: { claimName: name } })
  }
  return { ...template, spec: { ...template.spec, volumes } }
}

function validateUpdateStrategy(
  { type, rollingUpdate }: StatefulSetUpdateStrategy,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('rollingUpdate')
  if (type === 'OnDelete') {
    if (!rollingUpdate) return
    problems.invalid(place, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")
  } else if (type === 'RollingUpdate') {
    if (rollingUpdate) validateRollingUpdate(rollingUpdate, place, problems)
  } else {
    // Upstream shows the whole strategy, under the names of its Go fields.
    const shown = { Type: type, RollingUpdate: rollingUpdate ?? null }
    problems.invalid(at, shown, "must be 'RollingUpdate' or 'OnDelete'")
  }
}

function validateRollingUpdate(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy,
  at: Path,
  problems: Problems,
): void {
  validateNonNegative(partition, at.child('partition'), problems)
  if (maxUnavailable === undefined) return
  const place = at.child('maxUnavailable')
  validateIntOrPercent(maxUnavailable, place, problems)
  if (intOrPercentValue(maxUnavailable) === 0) {
    problems.invalid(place, maxUnavailable, 'cannot be 0')
  }
  validateAtMost100Percent(maxUnavailable, place, problems)
}

function validateRetention(spec: StatefulSetSpec, at: Path, problems: Problems): void {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy
  for (const [name, policy] of Object.entries({ whenDeleted, whenScaled })) {
    if (retentionPolicies.includes(policy)) continue
    problems.notSupported(at.child(name), policy, retentionPolicies)
  }
}

const mutableFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const satisfies readonly (keyof StatefulSetSpec)[]

const fixedFields =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

export function validateStatefulSetSpecUpdate(
  next: StatefulSetSpec,
  previous: StatefulSetSpec,
  at: Path,
  problems: Problems,
): void {
  if (isDeepStrictEqual(fixedPart(next), fixedPart(previous))) return
  problems.forbidden(at, fixedFields)
}

function fixedPart(spec: StatefulSetSpec): Partial<StatefulSetSpec> {
  const part: Partial<StatefulSetSpec> = { ...spec }
  for (const name of mutableFields) delete part[name]
  return part
}

export function validateStatefulSetStatus(
  next: StatefulSetStatus,
  previous: StatefulSetStatus,
  at: Path,
  problems: Problems,
): void {
  const parts = [
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
  ] as const
  const counters = ['replicas', ...parts, 'observedGeneration', 'collisionCount'] as const
  validateCounters(next, counters, at, problems)
  const replicas = { value: next.replicas, name: 'status.replicas' }
  validateNotAbove(next, parts, replicas, at, problems)
  const ready = { value: next.readyReplicas, name: 'status.readyReplicas' }
  validateNotAbove(next, ['availableReplicas'], ready, at, problems)
  validateCollisionCount(next, previous, at, problems)
}
