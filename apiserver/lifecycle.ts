/** What the server itself does to metadata when an object is created or changed. Pure. */

import { jsonCopy } from '#api/json-copy.ts'
import type { Kind } from '#api/kind.ts'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import { emptyObject } from '#api/patch/managed-fields.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { badRequest } from '#api/status.ts'
import type { ApiObject } from './stored-object.ts'

/** The part of a name that generateName leaves room for, and the random letters after it. */
const GENERATED_BASE_MAX = 58
const SUFFIX_LETTERS = 5

export interface Birth {
  readonly uid: string
  /** RFC 3339. */
  readonly now: string
  /** Random letters for a generated name. */
  suffix(letters: number): string
}

/** The namespace of the URL wins; a body that names another is refused. */
export function placeObject(object: ApiObject, namespace: string): void {
  const given = object.metadata.namespace ?? ''
  if (!namespace) delete (object.metadata as Partial<ObjectMeta>).namespace
  else if (!given) object.metadata.namespace = namespace
  else if (given !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
}

/** Takes out of a new object what only the server decides, and what has not happened yet. */
export function clearServerFields(kind: Kind, object: ApiObject): void {
  const metadata: Partial<ObjectMeta> = object.metadata
  delete metadata.uid
  delete metadata.creationTimestamp
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  if (!kind.subresources?.status || kind.statusOnCreate) return
  const { status } = emptyObject(kind) as { readonly status?: object }
  if (status) object.status = jsonCopy(status)
  else delete object.status
}

/** Sets what only the server decides about a new object. */
export function bornObject(kind: Kind, object: ApiObject, birth: Birth): void {
  const { metadata } = object
  metadata.uid = birth.uid
  metadata.creationTimestamp = birth.now
  if (kind.generation) metadata.generation = 1
  if (!metadata.name && metadata.generateName) {
    metadata.name = generatedName(metadata.generateName, birth)
  }
}

export const generatedName = (base: string, { suffix }: Pick<Birth, 'suffix'>): string =>
  base.slice(0, GENERATED_BASE_MAX) + suffix(SUFFIX_LETTERS)

/** Keeps what an update cannot change, so that clients need not send it. */
export function carryOver(next: ApiObject, previous: ApiObject): void {
  const [after, before] = [next.metadata, previous.metadata]
  after.uid ||= before.uid
  after.creationTimestamp = before.creationTimestamp
  if (before.generation === undefined) delete after.generation
  else after.generation = before.generation
  delete after.selfLink
  if (before.deletionTimestamp) {
    after.deletionTimestamp ??= before.deletionTimestamp
    if (before.deletionGracePeriodSeconds !== undefined) {
      after.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds
    }
  }
}

/** A generation counts the changes of what is wanted: mostly of all but metadata and status. */
export function countGeneration(kind: Kind, next: ApiObject, previous: ApiObject): void {
  if (!kind.generation) return
  const before = previous.metadata.generation ?? 1
  const isSame = sameJson(wanted(kind, next), wanted(kind, previous))
  next.metadata.generation = isSame ? before : before + 1
}

/** A status that anybody may write is as good as any other field. */
function wanted({ generation, subresources }: Kind, object: ApiObject): object {
  const { metadata, ...all } = object
  const { status: _, ...rest } = all
  const counted = subresources?.status ? rest : all
  return generation === true ? counted : { ...counted, metadata: metadata[generation!] ?? {} }
}
