/**
 * Volumes must be reachable from the node: those of bound claims, and for claims that wait for a
 * pod those that could be bound, or made, there.
 */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { selectorFromObject } from '#api/label-selector.ts'
import { compareQuantities } from '#api/quantity.ts'
import { claimNameOf, claimNamesOf, foreignClaim } from '#api/rules/pod-claims.ts'
import {
  classOfClaim,
  isFullyBound,
  isReachable,
  matchingVolume,
  NO_PROVISIONER,
  waitsForConsumer,
  wantedCapacity,
} from '#api/rules/volume-binding.ts'
import type { ApiObject } from '#client/resource.ts'
import type { NodeInfo } from '../node-info.ts'
import { type ClusterEvent, type Plugin, type Refusal, refusal } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import type { StorageView, Taking } from '../storage-view.ts'
import { reserveVolumes } from '../volume-reservation.ts'

const NAME = 'VolumeBinding'
const unbound = refusal(NAME, 'pod has unbound immediate PersistentVolumeClaims', true)
const conflict = 'node(s) had volume node affinity conflict'
const nothingToBind = "node(s) didn't find available persistent volumes to bind"
const noSpace = 'node(s) did not have enough free storage'
const noVolume = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[]
  /** The smallest wishes come first, so that large volumes are left for large ones. */
  readonly waiting: readonly PersistentVolumeClaim[]
}

/** As upstream: a provisioner that takes longer has failed. */
const WAIT_MAX_MS = 600_000

export function volumeBindingWith(waitMaxMs: number): Plugin {
  return {
    name: NAME,
    hopes: ['node', 'storage', 'storage removed'],
    filter(pod, { storage }) {
      const claims = claimsOf(pod, storage)
      if (!claims) return undefined
      if ('reasons' in claims) return claims
      return { test: (node) => verdictOn(node, claims, storage) }
    },
    reserve(pod, node, { storage }) {
      const claims = claimsOf(pod, storage)
      if (!claims || 'reasons' in claims || claims.waiting.length === 0) return undefined
      const { takings } = waitingOn(node, claims.waiting, storage)
      return reserveVolumes(storage, node, { claims: claims.waiting, takings, waitMaxMs })
    },
    helps,
  }
}

export const volumeBinding = volumeBindingWith(WAIT_MAX_MS)

/** Undefined when the pod has no claims; a refusal when no node at all will do. */
function claimsOf(pod: PodInfo, storage: StorageView): PodClaims | Refusal | undefined {
  const bound: PersistentVolumeClaim[] = []
  const waiting: PersistentVolumeClaim[] = []
  let isImmediate = false
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.pod.metadata.name, volume)
    if (name === undefined) continue
    const claim = storage.claim(pod.namespace, name)
    const problem = claimProblem(pod, claim, name, Boolean(volume.ephemeral))
    if (problem !== undefined) return refusal(NAME, problem, true)
    if (!claim) continue
    if (isFullyBound(claim)) bound.push(claim)
    else if (!claim.spec.volumeName && waitsForConsumer(classFor(claim, storage))) {
      waiting.push(claim)
    } else isImmediate = true
  }
  if (isImmediate) return unbound
  if (bound.length + waiting.length === 0) return undefined
  waiting.sort((a, b) => compareQuantities(wantedCapacity(a), wantedCapacity(b)))
  return { bound, waiting }
}

function claimProblem(
  { pod }: PodInfo,
  claim: PersistentVolumeClaim | undefined,
  name: string,
  isEphemeral: boolean,
): string | undefined {
  const which = `persistentvolumeclaim "${name}"`
  if (!claim) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the ${which}`
      : `${which} not found`
  }
  if (claim.status.phase === 'Lost') {
    return `${which} bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`
  }
  if (claim.metadata.deletionTimestamp) return `${which} is being deleted`
  return isEphemeral ? foreignClaim(pod, claim) : undefined
}

const classFor = (claim: PersistentVolumeClaim, storage: StorageView): StorageClass | undefined =>
  storage.caches.classes.get({ name: classOfClaim(claim) || '-' })

function verdictOn(
  node: NodeInfo,
  { bound, waiting }: PodClaims,
  storage: StorageView,
): Refusal | undefined {
  const reasons: string[] = []
  for (const claim of bound) {
    const volume = storage.volume(claim.spec.volumeName ?? '')
    if (!volume) return refusal(NAME, noVolume, true)
    if (!isReachable(volume, node.node) && !reasons.includes(conflict)) reasons.push(conflict)
  }
  reasons.push(...waitingOn(node, waiting, storage).reasons)
  return reasons.length > 0 ? { plugin: NAME, reasons, isUnresolvable: true } : undefined
}

interface Found {
  readonly takings: readonly Taking[]
  readonly reasons: readonly string[]
}

const none = (reason: string): Found => ({ takings: [], reasons: [reason] })

/** What the claims would take on the node, or why there is not enough. */
function waitingOn(
  node: NodeInfo,
  claims: readonly PersistentVolumeClaim[],
  storage: StorageView,
): Found {
  const takings: Taking[] = []
  const excluded = new Set<string>()
  for (const claim of claims) {
    const chosen = storage.chosenVolume(claim)
    if (chosen) {
      if (!isReachable(chosen, node.node)) return none(nothingToBind)
      continue
    }
    const selected = storage.selectedNode(claim)
    if (selected !== undefined && selected !== node.name) return none(nothingToBind)
    const volume = selected === undefined ? volumeFor(claim, node, storage, excluded) : undefined
    const problem = volume ? undefined : makingProblem(claim, node, storage)
    if (problem !== undefined) return none(problem)
    if (volume) excluded.add(volume.metadata.name)
    takings.push({ claim, volume, node: node.name })
  }
  return { takings, reasons: [] }
}

function volumeFor(
  claim: PersistentVolumeClaim,
  { node }: NodeInfo,
  storage: StorageView,
  excluded: ReadonlySet<string>,
): PersistentVolume | undefined {
  const candidates = storage.candidates(claim, classOfClaim(claim))
  return matchingVolume(claim, candidates, { node, excluded })
}

/** Why no volume can be made there for the claim. */
function makingProblem(
  claim: PersistentVolumeClaim,
  node: NodeInfo,
  storage: StorageView,
): string | undefined {
  const storageClass = classFor(claim, storage)
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) {
    return nothingToBind
  }
  const { allowedTopologies } = storageClass
  if (allowedTopologies?.length && !allowedTopologies.some((term) => isAllowed(term, node))) {
    return nothingToBind
  }
  return hasSpace(claim, storageClass, node, storage) ? undefined : noSpace
}

type Topology = NonNullable<StorageClass['allowedTopologies']>[number]

/** A term without labels allows nothing. */
function isAllowed(
  { matchLabelExpressions: wanted = [] }: Topology,
  { labels }: NodeInfo,
): boolean {
  return wanted.length > 0 && wanted.every(({ key, values }) => values?.includes(labels[key] ?? ''))
}

/** Drivers that publish how much space there is are believed. */
function hasSpace(
  claim: PersistentVolumeClaim,
  { metadata, provisioner }: StorageClass,
  { labels }: NodeInfo,
  { caches }: StorageView,
): boolean {
  if (!caches.csiDrivers.get({ name: provisioner })?.spec.storageCapacity) return true
  const wanted = wantedCapacity(claim)
  return caches.capacities.list().some((each) => {
    const { storageClassName, nodeTopology, capacity, maximumVolumeSize } = each
    if (storageClassName !== metadata.name || !nodeTopology) return false
    const room = maximumVolumeSize ?? capacity
    if (room === undefined || compareQuantities(room, wanted) < 0) return false
    return selectorFromObject(nodeTopology).matches(labels)
  })
}

/** Changes of what is bound already concern nobody who waits for volumes. */
function helps(event: ClusterEvent, pod: PodInfo): boolean {
  switch (event.type) {
    case 'node': {
      const { node, previous } = event
      return !previous || !sameLabels(node.metadata.labels, previous.metadata.labels)
    }
    case 'storage':
      return event.object.kind === 'PersistentVolumeClaim'
        ? isOwnClaim(event.object, pod)
        : event.object.kind !== 'CSIDriver' || Boolean(event.previous)
    case 'storage removed':
      return event.object.kind === 'CSIDriver'
    default:
      return false
  }
}

const isOwnClaim = ({ metadata }: ApiObject, pod: PodInfo): boolean =>
  metadata.namespace === pod.namespace && claimNamesOf(pod.pod).includes(metadata.name)

type Labels = Readonly<Record<string, string>> | undefined

function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
