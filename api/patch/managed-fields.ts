/** Keeps `metadata.managedFields` of an object up to date when it is created or changed. */
import { decode } from '../decode.ts'
import type { Kind } from '../kind.ts'
import type { ManagedFieldsEntry } from '../parts/meta/object-meta.ts'
import { decodedManagers, encodedManagers, type Managers } from './managers.ts'
import { sameJson } from './same-json.ts'
import { type Tracking, updatedManagers, type Writer } from './update-managers.ts'

export interface TrackedObject {
  metadata: { uid?: string; managedFields?: ManagedFieldsEntry[] | null }
}

const emptyObjects = new WeakMap<Kind, TrackedObject>()

/** What an object of a kind is before anybody wrote to it. */
export function emptyObject(kind: Kind): TrackedObject {
  let empty = emptyObjects.get(kind)
  if (!empty) {
    empty = decode(kind.schema, {}) as TrackedObject
    empty.metadata ??= {}
    emptyObjects.set(kind, empty)
  }
  return empty
}

/** The creator of an object owns all it has, defaults included. Changes the object in place. */
export function trackCreate(
  tracking: Tracking,
  empty: TrackedObject,
  object: TrackedObject,
  writer: Writer,
): void {
  const given = givenManagers(object)
  delete object.metadata.managedFields
  const managers = given instanceof Map ? given : new Map()
  writeManagers(object, updatedManagers(tracking, empty, object, managers, writer))
}

/** Whoever changes an object owns what it changed. Changes `next` in place. */
export function trackUpdate(
  tracking: Tracking,
  next: TrackedObject,
  previous: TrackedObject,
  writer: Writer,
): void {
  const managers = managersFor(next, previous, writer)
  const before = withoutManagers(previous)
  delete next.metadata.managedFields
  // An object that nobody tracks stays so until it is applied: its owners are not known.
  if (!managers.size && previous.metadata.uid) return
  writeManagers(next, updatedManagers(tracking, before, next, managers, writer))
}

/** Those of the request, if it sends any that make sense; else those of the object. */
function managersFor(next: TrackedObject, previous: TrackedObject, writer: Writer): Managers {
  const stored = previous.metadata.managedFields
  const sent = next.metadata.managedFields
  const isUnchanged = sent === undefined || sent === null || sameJson(sent, stored)
  const given = isUnchanged || writer.subresource ? undefined : givenManagers(next)
  if (given === 'reset') return new Map()
  return given?.size ? given : (decodedManagers(stored, true) ?? new Map())
}

/** A list with one empty entry asks to forget all managers. */
function givenManagers({ metadata }: TrackedObject): Managers | 'reset' | undefined {
  const given = metadata.managedFields
  if (given?.length === 0) return 'reset'
  if (given?.length === 1 && Object.keys(given[0]!).length === 0) return 'reset'
  return decodedManagers(given)
}

export function withoutManagers<T extends TrackedObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

export function writeManagers(object: TrackedObject, managers: Managers): void {
  const entries = encodedManagers(managers)
  if (entries) object.metadata.managedFields = entries
}

/** Whether two objects are the same but for the times of their managers. */
export function hasOnlyNewTimes(next: TrackedObject, previous: TrackedObject): boolean {
  const [after, before] = [next.metadata.managedFields ?? [], previous.metadata.managedFields ?? []]
  if (after.length !== before.length || !after.some(({ time }, at) => time !== before[at]?.time)) {
    return false
  }
  const timeless = (entries: readonly ManagedFieldsEntry[]) =>
    entries.map(({ time: _, ...entry }) => entry)
  if (!sameJson(timeless(after), timeless(before))) return false
  return sameJson(withoutManagers(next), withoutManagers(previous))
}
