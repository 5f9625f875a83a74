/** The end of an object: marked, waited for, and gone. Shared by delete and by the last update. */
import type { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { epochToTime, timeToEpoch } from '#api/time.ts'
import type { BehaviourCall } from '../behaviour.ts'
import { behaviourOf } from '../behaviours.ts'
import type { Resource } from '../resources.ts'
import { objectResult, type Result } from '../result.ts'
import type { Entry, Step } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** Whether an object that is being deleted has nothing left to wait for. */
export function isReadyToGo({ kind }: Resource, object: ApiObject): boolean {
  const { metadata } = object
  return (
    Boolean(metadata.deletionTimestamp) &&
    !metadata.finalizers?.length &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    !kind.deletion?.isHeld?.(object as never)
  )
}

/** The finalizers after a delete: how its dependents go is up to the caller, then to the kind. */
export function finalizersFor(
  resource: Resource,
  { metadata }: ApiObject,
  { propagationPolicy, orphanDependents }: DeleteOptions,
): string[] {
  const present = metadata.finalizers ?? []
  const policy =
    propagationPolicy ??
    (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background')
  const kept =
    policy === undefined
      ? present
      : present.filter((name) => name !== ORPHAN && name !== FOREGROUND)
  const isOrphaned =
    policy === 'Orphan' ||
    (policy === undefined &&
      !present.includes(FOREGROUND) &&
      resource.kind.deletion?.orphansByDefault)
  if (isOrphaned) return [...kept.filter((name) => name !== ORPHAN), ORPHAN]
  return policy === 'Foreground' ? [...kept, FOREGROUND] : [...kept]
}

/** Marks an object as going, in place, within `graceSeconds`. */
export function mark({ kind }: Resource, object: ApiObject, graceSeconds: number, nowMs: number) {
  const { metadata } = object
  if (metadata.generation) metadata.generation += 1
  metadata.deletionTimestamp = epochToTime(Math.floor(nowMs / 1000) + graceSeconds)
  metadata.deletionGracePeriodSeconds = graceSeconds
  kind.deletion?.starting?.(object as never)
}

/** Brings the end of an object that is going already closer. */
export function hasten({ metadata }: ApiObject, graceSeconds: number): void {
  const { seconds } = timeToEpoch(metadata.deletionTimestamp!)
  const begun = seconds - (metadata.deletionGracePeriodSeconds ?? 0)
  metadata.deletionTimestamp = epochToTime(begun + graceSeconds)
  metadata.deletionGracePeriodSeconds = graceSeconds
}

/** Removes an entry for good. The answer shows the object at the revision of its removal. */
export async function removeObject(
  resource: Resource,
  object: ApiObject,
  entry: Entry,
  call: BehaviourCall,
): Promise<Result> {
  const { store } = call.parts
  const step: Step = { type: 'delete', key: entry.key, expected: entry.revision }
  const steps = behaviourOf(resource)?.deleting?.(object, call) ?? []
  const changes = await store.transact([step, ...steps], { relaxed: resource.relaxed })
  object.metadata.resourceVersion = String(changes[0]!.revision)
  return objectResult(200, resource, object)
}
