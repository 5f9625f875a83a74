/** Pods of StatefulSets and their claims: names, numbers, and what they are made from. Pure. */
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { PodTemplateSpec } from '#api/parts/core/pod-template.ts'
import type { Volume } from '#api/parts/core/volume.ts'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import type { Input } from '#api/schema.ts'
import type { AnyResource, ApiObject } from '#client/resource.ts'
import { REVISION_HASH } from '../controller-revisions.ts'
import { controllerReference, podFor } from '../pods.ts'

const POD_NAME = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX = 'apps.kubernetes.io/pod-index'

/** A revision, by the name that its pods carry, and the template that they are made from. */
export interface PodVersion {
  readonly name: string
  readonly template: PodTemplateSpec
}

export const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0

export const isWanted = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= startOf(set) && ordinal < startOf(set) + set.spec.replicas

const podName = ({ metadata }: StatefulSet, ordinal: number): string =>
  `${metadata.name}-${ordinal}`

/** The number in the name of a pod; undefined if the name is not one of this set. */
export function ordinalOf({ metadata }: StatefulSet, name: string): number | undefined {
  const prefix = `${metadata.name}-`
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(0|[1-9][0-9]{0,9})$/.test(digits) ? Number(digits) : undefined
}

export const versionOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_HASH] ?? ''

/** The pod of a number, to be created. */
export function newPod(
  set: StatefulSet,
  { name: version, template }: PodVersion,
  ordinal: number,
): Input<typeof Pod> & { readonly metadata: { readonly name: string } } {
  const name = podName(set, ordinal)
  const { metadata, spec } = podFor(StatefulSet, set, template)
  const { generateName: _, ...rest } = metadata ?? {}
  const { serviceName } = set.spec
  const volumes = withClaims(set, ordinal, template.spec.volumes ?? [])
  return {
    metadata: {
      ...rest,
      name,
      labels: { ...rest.labels, ...identityOf(name, ordinal), [REVISION_HASH]: version },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName && { subdomain: serviceName }),
      ...(volumes.length > 0 && { volumes: volumes as never }),
    },
  }
}

const identityOf = (name: string, ordinal: number): Record<string, string> => ({
  [POD_NAME]: name,
  [POD_INDEX]: String(ordinal),
})

/** Claims take the place of volumes of the same name. */
function withClaims(set: StatefulSet, ordinal: number, volumes: readonly Volume[]): Volume[] {
  const claims = claimTemplates(set).map(
    ({ metadata }): Volume => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
    }),
  )
  const taken = new Set(claims.map(({ name }) => name))
  return [...claims, ...volumes.filter(({ name }) => !taken.has(name))]
}

/** The pod with its name and volumes as they should be; undefined if they are. */
export function correctedPod(set: StatefulSet, ordinal: number, pod: Pod): Pod | undefined {
  const { metadata, spec } = pod
  const hasName = metadata.labels?.[POD_NAME] === metadata.name
  const claimed = new Map(
    (spec.volumes ?? []).map((each) => [each.name, each.persistentVolumeClaim?.claimName]),
  )
  const hasClaims = claimTemplates(set).every(
    ({ metadata: { name } }) => claimed.get(name) === claimName(set, name, ordinal),
  )
  if (hasName && hasClaims) return undefined
  const labels = { ...metadata.labels, ...identityOf(metadata.name, ordinal) }
  const volumes = hasClaims ? spec.volumes : withClaims(set, ordinal, spec.volumes ?? [])
  return {
    ...pod,
    metadata: { ...metadata, labels },
    spec: { ...spec, ...(volumes && { volumes }) },
  }
}

const claimTemplates = ({ spec }: StatefulSet): readonly PersistentVolumeClaim[] =>
  (spec.volumeClaimTemplates ?? []) as readonly PersistentVolumeClaim[]

const claimName = ({ metadata }: StatefulSet, template: string, ordinal: number): string =>
  `${template}-${metadata.name}-${ordinal}`

export const claimNames = (set: StatefulSet, ordinal: number): readonly string[] =>
  claimTemplates(set).map(({ metadata }) => claimName(set, metadata.name, ordinal))

/** Whether a claim is one of those that pods of this set have. */
export const isClaimOf = (set: StatefulSet, name: string): boolean =>
  claimTemplates(set).some(({ metadata }) => {
    const prefix = `${metadata.name}-`
    return name.startsWith(prefix) && ordinalOf(set, name.slice(prefix.length)) !== undefined
  })

export type NewClaim = Input<typeof PersistentVolumeClaim> & {
  readonly metadata: { readonly name: string; readonly namespace: string }
}

/** The claims of a number, to be created where they are missing. */
export function newClaims(set: StatefulSet, ordinal: number): readonly NewClaim[] {
  const owners = changedOwners({ metadata: {} }, set, ordinal, undefined) ?? []
  return claimTemplates(set).map(({ metadata, spec }) => ({
    metadata: {
      ...metadata,
      name: claimName(set, metadata.name, ordinal),
      namespace: set.metadata.namespace ?? '',
      labels: { ...metadata.labels, ...set.spec.selector?.matchLabels },
      ...(owners.length > 0 && { ownerReferences: [...owners] }),
    },
    // What was stored may be written again; the type does not know it.
    spec: spec as never,
  }))
}

interface Owned {
  readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] | null }
}

/**
 * The owners that a claim should have, by which the garbage collector removes it in the end;
 * undefined if it has them. With a policy of Delete that is the set, and for a number that is no
 * longer wanted its last pod.
 */
export function changedOwners(
  claim: Owned,
  set: StatefulSet,
  ordinal: number,
  pod: Pod | undefined,
): readonly OwnerReference[] | undefined {
  const present = claim.metadata.ownerReferences ?? []
  const ofSet = present.filter((each) => names(each, StatefulSet, set.metadata.name))
  const ofPod = present.filter((each) => names(each, Pod, podName(set, ordinal)))
  const isStale =
    ofSet.some(({ uid }) => uid !== set.metadata.uid) ||
    ofPod.some(({ uid }) => uid !== pod?.metadata.uid)
  // It belongs to somebody of the past, and goes with them.
  if (isStale) return undefined
  const ours = [...ofSet, ...ofPod]
  const others = present.filter((each) => !ours.includes(each))
  const wanted = others.some(({ controller }) => controller) ? [] : wantedOwners(set, ordinal, pod)
  const isSame =
    ours.length === wanted.length &&
    wanted.every(({ uid }) => ours.some((each) => each.uid === uid && each.controller))
  return isSame ? undefined : [...others, ...wanted]
}

function wantedOwners(
  set: StatefulSet,
  ordinal: number,
  pod: Pod | undefined,
): readonly OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy
  const isCondemned = !isWanted(set, ordinal)
  if (whenScaled === 'Delete' && isCondemned) return pod ? [controllerReference(Pod, pod)] : []
  return whenDeleted === 'Delete' ? [controllerReference(StatefulSet, set)] : []
}

const names = (reference: OwnerReference, kind: AnyResource, name: string): boolean =>
  reference.apiVersion === kind.apiVersion &&
  reference.kind === kind.kind &&
  reference.name === name

/** Whether a claim is about to go with a pod that was the last of its number. */
export function isStaleClaim(set: StatefulSet, ordinal: number, { metadata }: ApiObject): boolean {
  if (set.spec.persistentVolumeClaimRetentionPolicy.whenScaled !== 'Delete') return false
  const name = podName(set, ordinal)
  return (metadata.ownerReferences ?? []).some((each) => names(each, Pod, name))
}
