/** Volumes that only one pod, or only one node, can use at a time. */
import type { Volume } from '#api/parts/core/volume.ts'
import { claimNamesOf } from '#api/rules/pod-claims.ts'
import { type ClusterView, type Plugin, refusal } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'VolumeRestrictions'
const exclusive = refusal(
  NAME,
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  false,
)
const taken = refusal(NAME, 'node(s) had no available disk', false)

export const volumeRestrictions: Plugin = {
  name: NAME,
  hopes: ['pod removed', 'storage'],
  filter(pod, view) {
    const exclusiveClaims = exclusiveClaimsOf(pod, view)
    const disks = (pod.spec.volumes ?? []).filter(isDisk)
    if (exclusiveClaims.size + disks.length === 0) return undefined
    let users = exclusiveClaims.size === 0 ? 0 : usersOf(exclusiveClaims, pod, view)
    return {
      test(node) {
        // Whichever node that pod is on: one in the whole cluster may use such a claim.
        if (users > 0) return exclusive
        for (const other of disks.length === 0 ? [] : node.pods.values()) {
          const held = other.spec.volumes ?? []
          if (disks.some((disk) => held.some((each) => collide(disk, each)))) return taken
        }
        return undefined
      },
      adjust(other, _node, sign) {
        if (isUser(other, exclusiveClaims, pod)) users += sign
      },
    }
  },
  helps(event, pod) {
    if (event.type === 'storage') {
      const { kind, metadata } = event.object
      if (kind !== 'PersistentVolumeClaim' || metadata.namespace !== pod.namespace) return false
      return claimNamesOf(pod.pod).includes(metadata.name)
    }
    if (event.type !== 'pod removed') return false
    const { pod: other } = event
    const names = new Set(claimNamesOf(pod.pod))
    if (
      other.namespace === pod.namespace &&
      claimNamesOf(other.pod).some((each) => names.has(each))
    ) {
      return true
    }
    const disks = (pod.spec.volumes ?? []).filter(isDisk)
    return disks.some((disk) => (other.spec.volumes ?? []).some((each) => collide(disk, each)))
  },
}

function exclusiveClaimsOf(pod: PodInfo, { storage }: ClusterView): ReadonlySet<string> {
  const names = claimNamesOf(pod.pod).filter((name) =>
    storage.claim(pod.namespace, name)?.spec.accessModes?.includes('ReadWriteOncePod'),
  )
  return new Set(names)
}

const isUser = (other: PodInfo, claims: ReadonlySet<string>, pod: PodInfo): boolean =>
  other.namespace === pod.namespace &&
  other.key !== pod.key &&
  claimNamesOf(other.pod).some((name) => claims.has(name))

function usersOf(claims: ReadonlySet<string>, pod: PodInfo, { snapshot }: ClusterView): number {
  let users = 0
  for (const node of snapshot.nodes) {
    for (const other of node.pods.values()) if (isUser(other, claims, pod)) users++
  }
  return users
}

const isDisk = (volume: Volume): boolean =>
  Boolean(volume.gcePersistentDisk || volume.awsElasticBlockStore || volume.iscsi || volume.rbd)

/** Whether both are the same disk, and one of them would write to it. */
function collide(a: Volume, b: Volume): boolean {
  const [gce, otherGce] = [a.gcePersistentDisk, b.gcePersistentDisk]
  if (gce && otherGce?.pdName === gce.pdName) return !(gce.readOnly && otherGce.readOnly)
  const [ebs, otherEbs] = [a.awsElasticBlockStore, b.awsElasticBlockStore]
  if (ebs && otherEbs?.volumeID === ebs.volumeID) return true
  const [iscsi, otherIscsi] = [a.iscsi, b.iscsi]
  if (iscsi && otherIscsi?.iqn === iscsi.iqn) return !(iscsi.readOnly && otherIscsi.readOnly)
  const [rbd, otherRbd] = [a.rbd, b.rbd]
  if (!rbd || !otherRbd) return false
  const isSame = rbd.pool === otherRbd.pool && rbd.image === otherRbd.image
  const areNear = rbd.monitors?.some((each) => otherRbd.monitors?.includes(each))
  return Boolean(isSame && areNear) && !(rbd.readOnly && otherRbd.readOnly)
}
