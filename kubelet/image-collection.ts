/** Which images may go, and how much of them: the rules of image garbage collection. */
import type { Image } from './runtime.ts'
import type { FileSystemFigures } from './stats/node-figures.ts'

export interface ImageThresholds {
  /** Of the disk: from here on images are removed … */
  readonly highPercent: number
  /** … down to here. 100 for the high one means never. */
  readonly lowPercent: number
  /** Younger images stay, as a pod may be about to use them. */
  readonly ageLeastMs: number
}

/** What is known about an image since this kubelet began. */
export interface ImageRecord {
  readonly foundAtMs: number
  readonly usedAtMs: number
}

export interface CollectionFacts {
  readonly images: readonly Image[]
  /** Ids of images that containers have, whether they run or not. */
  readonly used: ReadonlySet<string>
  readonly records: ReadonlyMap<string, ImageRecord>
  readonly disk: FileSystemFigures | undefined
  readonly nowMs: number
}

export interface CollectionPlan {
  readonly records: ReadonlyMap<string, ImageRecord>
  readonly wantedBytes: number
  /** In the order in which they go, until enough is free. */
  readonly remove: readonly Image[]
}

export function planCollection(
  facts: CollectionFacts,
  thresholds: ImageThresholds,
): CollectionPlan {
  const { images, used, nowMs } = facts
  const ours = images.filter(({ isOurs }) => isOurs)
  const records = new Map(
    ours.map(({ id }) => {
      const known = facts.records.get(id) ?? {
        foundAtMs: nowMs,
        usedAtMs: Number.NEGATIVE_INFINITY,
      }
      return [id, used.has(id) ? { ...known, usedAtMs: nowMs } : known]
    }),
  )
  const wantedBytes = bytesToFree(facts.disk, thresholds)
  if (wantedBytes === 0) return { records, wantedBytes, remove: [] }
  const recordOf = ({ id }: Image): ImageRecord => records.get(id)!
  const remove = ours
    .filter((image) => !used.has(image.id))
    .filter((image) => nowMs - recordOf(image).foundAtMs >= thresholds.ageLeastMs)
    .toSorted((a, b) => byUse(recordOf(a), recordOf(b)))
  return { records, wantedBytes, remove }
}

/** Least recently used first; of those never used, the ones found first. */
function byUse(a: ImageRecord, b: ImageRecord): number {
  if (a.usedAtMs !== b.usedAtMs) return a.usedAtMs < b.usedAtMs ? -1 : 1
  return a.foundAtMs - b.foundAtMs
}

function bytesToFree(
  disk: FileSystemFigures | undefined,
  { highPercent, lowPercent }: ImageThresholds,
): number {
  if (!disk || disk.capacityBytes === 0 || highPercent >= 100) return 0
  const { capacityBytes, availableBytes } = disk
  const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes)
  if (usedPercent < highPercent) return 0
  return Math.max(Math.floor((capacityBytes * (100 - lowPercent)) / 100) - availableBytes, 0)
}
