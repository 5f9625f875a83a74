/** A volume of a zone can be used in that zone only. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { claimNamesOf } from '#api/rules/pod-claims.ts'
import { classOfClaim, waitsForConsumer } from '#api/rules/volume-binding.ts'
import type { NodeInfo } from '../node-info.ts'
import { type Plugin, type Refusal, refusal } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import type { StorageView } from '../storage-view.ts'

const NAME = 'VolumeZone'
const elsewhere = refusal(NAME, 'node(s) had no available volume zone', true)
const unnamed = refusal(NAME, 'PersistentVolume had no name', true)
const unclear = refusal(NAME, 'PersistentVolumeClaim had no pv name and storageClass name', true)
/** Between the zones of a volume that is in several. */
const SEPARATOR = '__'

/** Each label with the one that nodes have now in its place. */
const keys: readonly (readonly [label: string, now: string])[] = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
]

interface Place {
  readonly label: string
  readonly now: string
  readonly values: ReadonlySet<string>
}

export const volumeZone: Plugin = {
  name: NAME,
  filter(pod, { storage }) {
    const places = placesOf(pod, storage)
    if ('reasons' in places) return places
    if (places.length === 0) return undefined
    return { test: (node) => (places.every((place) => isIn(place, node)) ? undefined : elsewhere) }
  },
  helps(event, pod) {
    switch (event.type) {
      case 'node':
        return true
      case 'storage': {
        const { kind, metadata } = event.object
        if (kind === 'PersistentVolume' || kind === 'StorageClass') return true
        const isClaim = kind === 'PersistentVolumeClaim' && metadata.namespace === pod.namespace
        return isClaim && claimNamesOf(pod.pod).includes(metadata.name)
      }
      default:
        return false
    }
  },
}

function placesOf(pod: PodInfo, storage: StorageView): readonly Place[] | Refusal {
  const places: Place[] = []
  for (const name of claimNamesOf(pod.pod)) {
    const claim = storage.claim(pod.namespace, name)
    if (!claim) return refusal(NAME, `persistentvolumeclaim "${name}" not found`, true)
    const { volumeName } = claim.spec
    if (!volumeName) {
      const className = classOfClaim(claim)
      if (!className) return unclear
      // Where it is made is decided with the node.
      if (waitsForConsumer(storage.caches.classes.get({ name: className }))) continue
      return unnamed
    }
    const volume = storage.volume(volumeName)
    if (!volume) return refusal(NAME, `persistentvolume "${volumeName}" not found`, true)
    places.push(...placesOfVolume(volume))
  }
  return places
}

function placesOfVolume({ metadata }: PersistentVolume): Place[] {
  return keys.flatMap(([label, now]) => {
    const value = metadata.labels?.[label]
    return value ? [{ label, now, values: new Set(value.split(SEPARATOR)) }] : []
  })
}

/** A node that says nothing about zones, by either label, is in none. */
function isIn({ label, now, values }: Place, { labels }: NodeInfo): boolean {
  const value = labels[label] ?? labels[now]
  return value !== undefined && values.has(value)
}
