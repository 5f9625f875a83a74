/** What the server decides about an object's metadata, whatever a client sent. */
import type { Metadata } from './object-meta.ts'

/** The metadata of a new object; nothing a client says about its lifetime counts. */
export function metadataForCreate(meta: Metadata, uid: string, now: string): Metadata {
  const {
    selfLink: _link,
    deletionTimestamp: _deletion,
    deletionGracePeriodSeconds: _grace,
    ...kept
  } = meta
  return { ...kept, uid, creationTimestamp: now }
}

/** The metadata of a changed object: what was decided earlier stays, left out or not. */
export function metadataForUpdate(next: Metadata, previous: Metadata): Metadata {
  const { selfLink: _link, generation: _generation, ...kept } = next
  const result: Metadata = { ...kept }
  if (previous.generation !== undefined) result.generation = previous.generation
  if (!result.uid && previous.uid) result.uid = previous.uid
  if (previous.creationTimestamp) result.creationTimestamp = previous.creationTimestamp
  if (previous.deletionTimestamp) result.deletionTimestamp = previous.deletionTimestamp
  const grace = previous.deletionGracePeriodSeconds
  if (grace !== undefined && result.deletionGracePeriodSeconds === undefined) {
    result.deletionGracePeriodSeconds = grace
  }
  return result
}

/** Generation counts the changes of what is wanted; status and metadata do not move it. */
export function nextGeneration(previous: number | undefined, isSpecChanged: boolean): number {
  return (previous ?? 0) + (isSpecChanged ? 1 : 0)
}
