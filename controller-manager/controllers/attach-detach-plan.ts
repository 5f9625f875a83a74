/** Which volumes of CSI drivers are to be attached to a node, and which may be detached. Pure. */
import { createHash } from 'node:crypto'
import { findCondition } from '#api/conditions.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { VolumeAttachment } from '#api/kinds/storage/volume-attachment.ts'
import { timeToMs } from '../pods.ts'

export interface WantedVolume {
  readonly volume: PersistentVolume
  readonly driver: string
  readonly handle: string
  /** Those on the node that use it. */
  readonly pods: readonly Pod[]
}

export interface AttachPlan {
  readonly attach: readonly WantedVolume[]
  readonly detach: readonly VolumeAttachment[]
  /** Attached to another node, and for one node only. */
  readonly blocked: readonly WantedVolume[]
  /** Attached by now, for all that the node has to know. */
  readonly attached: readonly WantedVolume[]
  /** What drivers could not attach so far. */
  readonly failed: readonly (WantedVolume & { readonly why: string })[]
  /** Until when the node may still unmount what is not wanted any more. */
  readonly waitMs: number | undefined
}

/** As upstream: a node that is silent for so long does not unmount anything any more. */
const UNMOUNT_MAX_MS = 6 * 60_000
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const CONTROLLER_MANAGED = 'volumes.kubernetes.io/controller-managed-attach-detach'

/** Whether the node leaves it to us to attach volumes. */
export const isManaged = ({ metadata }: Node): boolean =>
  metadata.annotations?.[CONTROLLER_MANAGED] === 'true'

/** As all CSI tools name it. */
export function attachmentName({ driver, handle }: WantedVolume, nodeName: string): string {
  const hash = createHash('sha256').update(handle + driver + nodeName)
  return `csi-${hash.digest('hex')}`
}

/** What nodes call a volume. */
export const uniqueName = (driver: string, handle: string): string =>
  `kubernetes.io/csi/${driver}^${handle}`

const isShared = ({ spec }: PersistentVolume): boolean =>
  (spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')

export interface AttachView {
  /** Undefined when it is gone. */
  readonly node: Node | undefined
  readonly wanted: readonly WantedVolume[]
  /** Of this node. */
  readonly present: readonly VolumeAttachment[]
  /** Whether the volume is, or is going to be, attached to another node. */
  readonly isElsewhere: (volumeName: string) => boolean
  readonly volume: (name: string) => PersistentVolume | undefined
  readonly nowMs: number
}

const volumeNameOf = ({ spec }: VolumeAttachment): string => spec.source.persistentVolumeName ?? ''

/** Those of volumes that stand in pods themselves are the business of whoever made them. */
const isOfVolume = ({ spec }: VolumeAttachment): boolean =>
  Boolean(spec.source.persistentVolumeName)

export function planAttachments(view: AttachView): AttachPlan {
  const { wanted, present, isElsewhere } = view
  const byVolume = new Map(present.map((each) => [volumeNameOf(each), each]))
  const missing = wanted.filter(({ volume }) => !byVolume.has(volume.metadata.name))
  const isBlocked = ({ volume }: WantedVolume): boolean =>
    !isShared(volume) && isElsewhere(volume.metadata.name)
  const names = new Set(wanted.map(({ volume }) => volume.metadata.name))
  const unwanted = present.filter(
    (each) =>
      !each.metadata.deletionTimestamp && isOfVolume(each) && !names.has(volumeNameOf(each)),
  )
  const waits = unwanted.map((each) => detachWaitMs(each, view))
  const attached = wanted.filter(({ volume }) => {
    const attachment = byVolume.get(volume.metadata.name)
    return attachment?.status?.attached && !attachment.metadata.deletionTimestamp
  })
  const failed = wanted.flatMap((each) => {
    const { status } = byVolume.get(each.volume.metadata.name) ?? {}
    const why = status?.attached ? undefined : status?.attachError?.message
    return why === undefined ? [] : [{ ...each, why }]
  })
  const pending = waits.filter((wait) => wait > 0 && wait !== Infinity)
  return {
    attach: missing.filter((each) => !isBlocked(each)),
    blocked: missing.filter(isBlocked),
    detach: unwanted.filter((_, at) => waits[at]! <= 0),
    attached,
    failed,
    waitMs: pending.length > 0 ? Math.min(...pending) : undefined,
  }
}

/** Nothing is detached while the node still uses it; Infinity until the node says otherwise. */
function detachWaitMs(attachment: VolumeAttachment, { node, volume, nowMs }: AttachView): number {
  const { csi } = volume(volumeNameOf(attachment))?.spec ?? {}
  if (!node || !csi) return 0
  const inUse = node.status.volumesInUse ?? []
  if (!inUse.includes(uniqueName(csi.driver, csi.volumeHandle))) return 0
  if (node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return 0
  const ready = findCondition(node.status.conditions, 'Ready')
  if (!ready || ready.status === 'True') return Infinity
  return (timeToMs(ready.lastTransitionTime) ?? 0) + UNMOUNT_MAX_MS - nowMs
}
