/** Volumes that a pod needs before it is bound: asked for, and waited for until they are there. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { compareResourceVersions } from '#api/resource-version.ts'
import {
  annotated,
  isFullyBound,
  isReachable,
  SELECTED_NODE,
  volumeBoundTo,
} from '#api/rules/volume-binding.ts'
import { keyOf } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { NodeInfo } from './node-info.ts'
import type { Reservation } from './plugin.ts'
import type { StorageView, Taking } from './storage-view.ts'

/** Claims that we have chosen a node for, with their versions from which on they say so. */
type Written = Map<string, string>

interface Awaited {
  readonly claims: readonly PersistentVolumeClaim[]
  readonly written: Written
  readonly waitMaxMs: number
}

export interface WantedVolumes {
  readonly claims: readonly PersistentVolumeClaim[]
  readonly takings: readonly Taking[]
  readonly waitMaxMs: number
}

/** The claims that are not bound yet; what others have taken for them is waited for too. */
export function reserveVolumes(
  storage: StorageView,
  node: NodeInfo,
  { claims, takings, waitMaxMs }: WantedVolumes,
): Reservation {
  for (const taking of takings) storage.take(taking)
  const written: Written = new Map()
  return {
    plugin: 'VolumeBinding',
    prepare: (client) => ask(client, takings, written),
    ready: (clock, signal) => wait(storage, node, { claims, written, waitMaxMs }, clock, signal),
    release() {
      for (const taking of takings) storage.release(taking)
    },
  }
}

async function ask(client: Client, takings: readonly Taking[], written: Written): Promise<void> {
  const writes = takings.map(async ({ claim, volume, node }) => {
    if (volume) {
      const bound = volumeBoundTo(volume, claim)
      if (bound !== volume) await client.update(PersistentVolume, bound)
      return
    }
    const isMarked = claim.metadata.annotations?.[SELECTED_NODE] === node
    const marked = isMarked
      ? claim
      : await client.update(PersistentVolumeClaim, annotated(claim, { [SELECTED_NODE]: node }))
    written.set(keyOf(claim), marked.metadata.resourceVersion)
  })
  await settleAll(writes)
}

async function wait(
  storage: StorageView,
  node: NodeInfo,
  { claims, written, waitMaxMs }: Awaited,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const reason = new Error('binding volumes: context deadline exceeded')
  using _timer = clock.setTimeout(() => over.abort(reason), waitMaxMs)
  const isDone = (): boolean => claims.every((claim) => isBound(storage, node, claim, written))
  await storage.until(isDone, AbortSignal.any([signal, over.signal]))
}

/** Throws when it never will be. */
function isBound(
  storage: StorageView,
  node: NodeInfo,
  before: PersistentVolumeClaim,
  written: Written,
): boolean {
  const claim = storage.caches.claims.get(before)
  const key = keyOf(before)
  if (claim?.metadata.uid !== before.metadata.uid) {
    throw new Error(`binding volumes: persistentvolumeclaim "${key}" is gone`)
  }
  if (!isFullyBound(claim)) {
    checkStillSelected(storage, node, claim, written.get(key))
    return false
  }
  const volume = storage.volume(claim.spec.volumeName ?? '')
  // The claim may be seen before its volume is.
  if (!volume) return false
  if (isReachable(volume, node.node)) return true
  const { name } = volume.metadata
  throw new Error(`binding volumes: pv "${name}" node affinity doesn't match node "${node.name}"`)
}

/** A provisioner that cannot make a volume there takes the choice back. */
function checkStillSelected(
  storage: StorageView,
  { name, isKnown }: NodeInfo,
  claim: PersistentVolumeClaim,
  writtenVersion: string | undefined,
): void {
  if (!isKnown) throw new Error(`binding volumes: node "${name}" is gone`)
  if (storage.chosenVolume(claim)) return
  const { resourceVersion, annotations } = claim.metadata
  const isOurs = writtenVersion !== undefined
  if (isOurs && compareResourceVersions(resourceVersion, writtenVersion) < 0) return
  const selected = isOurs ? annotations?.[SELECTED_NODE] : storage.selectedNode(claim)
  if (selected === name) return
  const found = `selectedNode annotation value "${selected ?? ''}"`
  throw new Error(`binding volumes: ${found} not set to scheduled node "${name}"`)
}
