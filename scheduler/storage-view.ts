/**
 * Claims and volumes as decisions see them: what the caches show, and what was decided here and is
 * not in the API yet.
 */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { CSIDriver } from '#api/kinds/storage/csi-driver.ts'
import { CSINode } from '#api/kinds/storage/csi-node.ts'
import { CSIStorageCapacity } from '#api/kinds/storage/csi-storage-capacity.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import { classOfVolume, SELECTED_NODE } from '#api/rules/volume-binding.ts'
import type { CacheReader, Index } from '#client/cache.ts'
import type { InformerSet } from '#client/informer-set.ts'
import { keyOf } from '#client/resource.ts'

/** Kinds besides nodes and pods that volumes depend on. */
export const storageKinds = [
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  CSINode,
  CSIDriver,
  CSIStorageCapacity,
] as const

export interface StorageCaches {
  readonly volumes: CacheReader<PersistentVolume>
  readonly claims: CacheReader<PersistentVolumeClaim>
  readonly classes: CacheReader<StorageClass>
  readonly csiNodes: CacheReader<CSINode>
  readonly csiDrivers: CacheReader<CSIDriver>
  readonly capacities: CacheReader<CSIStorageCapacity>
}

export const storageCaches = (informers: InformerSet): StorageCaches => ({
  volumes: informers.get(PersistentVolume).cache,
  claims: informers.get(PersistentVolumeClaim).cache,
  classes: informers.get(StorageClass).cache,
  csiNodes: informers.get(CSINode).cache,
  csiDrivers: informers.get(CSIDriver).cache,
  capacities: informers.get(CSIStorageCapacity).cache,
})

const freeByClass: Index<PersistentVolume> = {
  name: 'class of free ones',
  values: (volume) => (volume.spec.claimRef ? [] : [classOfVolume(volume)]),
}

const byClaim: Index<PersistentVolume> = {
  name: 'claim',
  values: ({ spec: { claimRef } }) =>
    claimRef ? [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`] : [],
}

/** What a decision takes for a claim: a volume, or the node where one is to be made. */
export interface Taking {
  readonly claim: PersistentVolumeClaim
  readonly volume?: PersistentVolume | undefined
  readonly node: string
}

export class StorageView {
  readonly caches: StorageCaches
  readonly #takings = new Map<string, Taking>()
  readonly #taken = new Map<string, string>()
  readonly #waiters = new Set<() => void>()

  constructor(caches: StorageCaches) {
    this.caches = caches
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.caches.claims.get({ namespace, name })
  }

  volume(name: string): PersistentVolume | undefined {
    return this.caches.volumes.get({ name })
  }

  /** Volumes that may do for the claim: of its class and free, or meant for it. */
  candidates(claim: PersistentVolumeClaim, className: string): readonly PersistentVolume[] {
    const { volumes } = this.caches
    const free = volumes.by(freeByClass, className)
    return [
      ...volumes.by(byClaim, keyOf(claim)),
      ...free.filter(({ metadata }) => !this.#taken.has(metadata.name)),
    ]
  }

  /** The volume that was chosen for the claim a moment ago. */
  chosenVolume(claim: PersistentVolumeClaim): PersistentVolume | undefined {
    return this.#takings.get(keyOf(claim))?.volume
  }

  /** Where a volume for the claim is to be made. */
  selectedNode(claim: PersistentVolumeClaim): string | undefined {
    const taking = this.#takings.get(keyOf(claim))
    if (taking && !taking.volume) return taking.node
    return claim.metadata.annotations?.[SELECTED_NODE] || undefined
  }

  take(taking: Taking): void {
    this.#takings.set(keyOf(taking.claim), taking)
    if (taking.volume) this.#taken.set(taking.volume.metadata.name, keyOf(taking.claim))
  }

  /** The API shows it by now, or it has come to nothing. */
  release(taking: Taking): void {
    const key = keyOf(taking.claim)
    if (this.#takings.get(key) !== taking) return
    this.#takings.delete(key)
    if (taking.volume) this.#taken.delete(taking.volume.metadata.name)
  }

  /** To be called when any cache has changed. */
  changed(): void {
    for (const wake of [...this.#waiters]) wake()
  }

  /** Resolves as soon as it is so; rejects with what `isSo` throws, or with the signal. */
  until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        this.#waiters.delete(look)
        signal.removeEventListener('abort', abort)
        act()
      }
      const look = (): void => {
        try {
          if (isSo()) end(resolve)
        } catch (error) {
          end(() => reject(error))
        }
      }
      const abort = (): void => end(() => reject(signal.reason))
      this.#waiters.add(look)
      if (signal.aborted) abort()
      else {
        signal.addEventListener('abort', abort)
        look()
      }
    })
  }
}
