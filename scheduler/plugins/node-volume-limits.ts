/** A node has room for so many volumes of each CSI driver. */
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { claimNamesOf } from '#api/rules/pod-claims.ts'
import { classOfClaim } from '#api/rules/volume-binding.ts'
import type { NodeInfo } from '../node-info.ts'
import { type Plugin, refusal } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import type { StorageView } from '../storage-view.ts'

const NAME = 'NodeVolumeLimits'
const full = refusal(NAME, 'node(s) exceed max volume count', false)

export const nodeVolumeLimits: Plugin = {
  name: NAME,
  hopes: ['node', 'pod removed', 'storage'],
  filter(pod, { storage }) {
    const wanted = volumesOf(pod, storage)
    if (wanted.size === 0) return undefined
    return { test: (node) => (hasRoom(node, wanted, storage) ? undefined : full) }
  },
  helps(event, pod) {
    switch (event.type) {
      case 'node':
        return !event.previous
      case 'pod removed':
        return claimNamesOf(event.pod.pod).length > 0
      case 'storage': {
        const { kind, metadata } = event.object
        if (kind === 'CSINode') return true
        if (kind !== 'PersistentVolumeClaim' || metadata.namespace !== pod.namespace) return false
        return claimNamesOf(pod.pod).includes(metadata.name)
      }
      default:
        return false
    }
  },
}

/** Each volume that a driver has to attach, with its driver; one that is used twice counts once. */
function volumesOf({ pod, namespace }: PodInfo, storage: StorageView): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of claimNamesOf(pod)) {
    const claim = storage.claim(namespace, name)
    const volume = claim && volumeOf(claim, storage)
    if (volume) found.set(`${volume.driver}/${volume.handle}`, volume.driver)
  }
  return found
}

function volumeOf(claim: PersistentVolumeClaim, storage: StorageView) {
  const { namespace, name } = claim.metadata
  const csi = claim.spec.volumeName ? storage.volume(claim.spec.volumeName)?.spec.csi : undefined
  if (csi) return { driver: csi.driver, handle: csi.volumeHandle }
  if (claim.spec.volumeName && storage.volume(claim.spec.volumeName)) return undefined
  // It is going to be made by the provisioner of its class, which may be a driver.
  const storageClass = storage.caches.classes.get({ name: classOfClaim(claim) || '-' })
  if (!storageClass) return undefined
  return { driver: storageClass.provisioner, handle: `${namespace}/${name}` }
}

function hasRoom(
  { name, pods }: NodeInfo,
  wanted: ReadonlyMap<string, string>,
  storage: StorageView,
): boolean {
  const limits = limitsOf(name, storage)
  if (![...wanted.values()].some((driver) => limits.has(driver))) return true
  const present = new Map<string, string>()
  for (const pod of pods.values()) {
    for (const [volume, driver] of volumesOf(pod, storage)) present.set(volume, driver)
  }
  const added = [...wanted].filter(([volume]) => !present.has(volume))
  return [...limits].every(([driver, limit]) => {
    const more = added.filter(([, of]) => of === driver).length
    if (more === 0) return true
    const count = [...present.values()].filter((of) => of === driver).length
    return count + more <= limit
  })
}

function limitsOf(nodeName: string, storage: StorageView): Map<string, number> {
  const { drivers = [] } = storage.caches.csiNodes.get({ name: nodeName })?.spec ?? {}
  return new Map(
    (drivers ?? []).flatMap(({ name, allocatable }) =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    ),
  )
}
