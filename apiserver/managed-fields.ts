/** Whose fields are whose after a write to a resource. */

import { decode } from '#api/decode.ts'
import { type FieldSet, type Fields, setOf, union } from '#api/patch/field-set.ts'
import {
  emptyObject,
  hasOnlyNewTimes,
  trackCreate,
  trackUpdate,
} from '#api/patch/managed-fields.ts'
import { fieldElement } from '#api/patch/path-element.ts'
import type { Tracking } from '#api/patch/update-managers.ts'
import { epochToTime } from '#api/time.ts'
import type { Resource } from './resources.ts'
import type { ApiObject } from './stored-object.ts'
import { scopeOf, type UpdateScope } from './update-scope.ts'

export interface TrackedWrite {
  readonly fieldManager: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly scope: UpdateScope
  /** The object comes with its managers already. */
  readonly isTracked?: true
}

/** Sets the managers of a new object; what its creator says about them is not believed. */
export function trackedCreate(
  resource: Resource,
  object: ApiObject,
  manager: string,
  now: number,
): void {
  // Only a delete request decides these, so that nobody can own them.
  delete object.metadata.deletionTimestamp
  delete object.metadata.deletionGracePeriodSeconds
  const scope = scopeOf(resource, '')
  const writer = { manager, subresource: '', time: timeOf(now) }
  trackCreate(trackingOf(resource, scope), emptyObject(resource.kind), object, writer)
}

/** Sets the managers of `next`, the object as this write leaves it. */
export function trackedUpdate(
  resource: Resource,
  next: ApiObject,
  previous: ApiObject,
  { fieldManager, now, scope, isTracked }: TrackedWrite,
): void {
  if (isTracked) return
  const { subresource } = scope
  const writer = {
    manager: fieldManager,
    subresource,
    // Upstream loses the times of scaling on the way from one kind to the other.
    ...(subresource !== 'scale' && { time: timeOf(now) }),
  }
  trackUpdate(trackingOf(resource, scope), next, previous, writer)
}

/** A write that changes nothing but times of managers shall be none. */
export function keepTimes(next: ApiObject, present: ApiObject): void {
  const { managedFields } = present.metadata
  if (managedFields && hasOnlyNewTimes(next, present)) next.metadata.managedFields = managedFields
}

export const timeOf = (now: number): string => epochToTime(Math.floor(now / 1000))

export function trackingOf(resource: Resource, scope: UpdateScope): Tracking {
  const resetFields = resetFieldsOf(scope)
  const { schema, apiVersion } = resource.kind
  return {
    schema,
    apiVersion,
    ...(resource.versions.size > 1 && {
      convert: (object: object, version: string) => converted(resource, object, version),
    }),
    ...(resetFields && { resetFields }),
  }
}

/** An object as another version of its resource has it; undefined for one that is not served. */
function converted({ versions }: Resource, object: object, apiVersion: string) {
  const source = versions.get((object as ApiObject).apiVersion)
  const target = versions.get(apiVersion)
  if (!source || !target) return undefined
  const given = decode(source.kind.schema, object) as unknown as ApiObject
  const stored = source.conversion?.toStored(given) ?? given
  const result = target.conversion?.fromStored(stored) ?? stored
  const { schema } = target.kind
  return { schema, object: decode(schema, { ...result, apiVersion }) as object }
}

const known = new WeakMap<UpdateScope, FieldSet>()

function resetFieldsOf(scope: UpdateScope): FieldSet | undefined {
  if (!scope.resetPaths.length) return undefined
  let fields = known.get(scope)
  if (!fields) {
    fields = scope.resetPaths.map(pathSet).reduce<Fields>(union, undefined)!
    known.set(scope, fields)
  }
  return fields
}

const pathSet = (path: readonly string[]): FieldSet =>
  path.reduceRight<FieldSet>((below, name) => setOf(false, [[fieldElement(name), below]])!, {})
