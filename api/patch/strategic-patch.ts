/**
 * Strategic merge patch: a merge patch that merges lists by the keys that the schema declares, and
 * takes directives. Documents are JSON in normal form; patches are as clients send them.
 */

import { jsonCopy } from '../json-copy.ts'
import type { Schema } from '../schema.ts'
import { setOwn } from '../set-own.ts'
import { badRequest, StatusError } from '../status.ts'
import { goTypeOf, goValue } from './go-value.ts'
import { deduplicated, ordered, partitioned } from './list-order.ts'
import { type ListStrategy, memberStrategy, type Strategy, strategyOf } from './merge-strategy.ts'

type Json = Record<string, unknown>

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM_LIST = '$deleteFromPrimitiveList'
const SET_ORDER = '$setElementOrder'

/** Changes `document`; the patch stays as it is. */
export function applyStrategicPatch(schema: Schema, document: object, patch: object): unknown {
  return mergeMap(document as Json, jsonCopy(patch) as Json, strategyOf(schema))
}

/** Upstream answers 500 without a reason to what no client should send. */
const unexpected = (message: string): StatusError => StatusError.withoutReason(500, message)
const noMergeKey = (item: unknown, key: string): StatusError =>
  unexpected(`map: ${goValue(item)} does not contain declared merge key: ${key}`)
const wrongType = (expected: string, value: unknown): StatusError =>
  unexpected(`expected a ${expected}, but received a ${goTypeOf(value)}`)
const badOrder = (): StatusError => badRequest('invalid patch format of setElementOrder list')
const badRetainKeys = (): StatusError => badRequest('invalid patch format of retainKeys')

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (value: Json, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined

function mergeMap(document: Json, patch: Json, strategy: Strategy): Json {
  const directive = own(patch, DIRECTIVE)
  if (directive !== undefined) return directed(directive, patch)
  retainKeys(document, patch)
  mergeOrderedLists(document, patch, strategy)
  for (const [key, value] of Object.entries(patch)) {
    const isDeletion = key.startsWith(DELETE_FROM_LIST)
    const name = isDeletion ? listName(key, DELETE_FROM_LIST) : key
    if (value === null) {
      delete document[name]
      continue
    }
    const present = own(document, name)
    if (typeName(present) !== typeName(value)) {
      if (!isDeletion) setField(document, name, taken(value))
    } else if (isMap(value)) {
      setOwn(document, name, mergeMapField(present as Json, value, strategy, name))
    } else if (Array.isArray(value)) {
      const list = memberStrategy(strategy, name, 'list')
      setOwn(document, name, mergeListField(present as unknown[], value, list, isDeletion))
    } else {
      setOwn(document, name, value)
    }
  }
  return document
}

function directed(directive: unknown, patch: Json): Json {
  if (directive === 'delete') return {}
  if (directive !== 'replace') {
    throw unexpected(`unknown patch type: ${goText(directive)} in map: ${goValue(patch)}`)
  }
  const { [DIRECTIVE]: _, ...rest } = patch
  return rest
}

/** As Go's `%s` prints what should have been a text. */
const goText = (value: unknown): string =>
  typeof value === 'string' ? value : `%!s(${goTypeOf(value)}=${goValue(value)})`

function typeName(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? 'list' : typeof value
}

/** Undefined stands for a value that was nothing but a directive. */
function setField(document: Json, name: string, value: unknown): void {
  if (value === undefined) delete document[name]
  else setOwn(document, name, value)
}

/** A value that meets nothing: without nulls, and without the items and fields of directives. */
function taken(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item) => (item === null ? null : taken(item)))
      .filter((item) => item !== undefined)
  }
  if (!isMap(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const result: Json = {}
  for (const [name, child] of Object.entries(value)) {
    const kept = child === null ? undefined : taken(child)
    if (kept !== undefined) setOwn(result, name, kept)
  }
  return result
}

/** Of fields that exclude each other, those stay that the patch lists. */
function retainKeys(document: Json, patch: Json): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return
  const keys = patch[RETAIN_KEYS]
  delete patch[RETAIN_KEYS]
  if (!Array.isArray(keys)) throw badRetainKeys()
  const retained = new Set<unknown>(keys)
  for (const [name, value] of Object.entries(patch)) {
    const isDirective = name.startsWith(DELETE_FROM_LIST) || name.startsWith(SET_ORDER)
    if (value !== null && !isDirective && !retained.has(name)) throw badRetainKeys()
  }
  for (const name of Object.keys(document)) if (!retained.has(name)) delete document[name]
}

function listName(key: string, prefix: string): string {
  const mark = key.indexOf('/')
  if (mark === prefix.length) return key.slice(mark + 1)
  if (prefix === SET_ORDER) throw badOrder()
  throw badRequest('invalid patch format of primitive list')
}

function mergeMapField(present: Json, patch: Json, strategy: Strategy, name: string): Json {
  const member = memberStrategy(strategy, name, 'map')
  return member.isReplaced ? patch : mergeMap(present, patch, member.strategy)
}

function mergeListField(
  present: unknown[],
  patch: readonly unknown[],
  list: ListStrategy,
  isDeletion: boolean,
): unknown[] {
  if (!list.isMerged) return [...patch]
  if (!present.length && !patch.length) return present
  if (itemsAreMaps([present, patch])) return mergeMaps(present, patch, list)
  if (isDeletion) {
    const deleted = new Set(patch)
    return present.filter((item) => !deleted.has(item))
  }
  const merged = deduplicated([...present, ...patch])
  const [changed, untouched] = partitioned(merged, patch, undefined)
  return ordered(changed, untouched, patch, present, undefined)
}

/** Whether the items are maps; all must be of one type. */
function itemsAreMaps(lists: readonly (readonly unknown[])[]): boolean {
  const types = new Set(lists.flat(1).map((item) => goTypeOf(item)))
  if (types.has('[]interface {}')) {
    throw new StatusError(
      'Invalid',
      'the server rejected our request due to an error in our request',
      {},
      new Error('lists of lists are not supported'),
    )
  }
  if (types.size === 0) throw unexpected('no elements in any of the given slices')
  if (types.size > 1 || types.has('%!s(<nil>)')) {
    throw unexpected(`list element types are not identical: ${goValue(lists)}`)
  }
  return types.has('map[string]interface {}')
}

function mergeMaps(
  present: readonly unknown[],
  patch: readonly unknown[],
  { key, item }: ListStrategy,
): unknown[] {
  if (!key) throw unexpected('cannot merge lists without merge key for type struct')
  const { kept, changes } = withDirectives(present as Json[], patch as Json[], key)
  const merged = [...kept]
  const places = new Map<unknown, number>()
  for (const [at, each] of kept.entries()) {
    const value = own(each, key)
    if (value !== undefined && !places.has(value)) places.set(value, at)
  }
  for (const change of changes) {
    const value = own(change, key)
    if (value === undefined) throw noMergeKey(change, key)
    const at = places.get(value)
    if (at === undefined) {
      const added = taken(change)
      if (added === undefined) continue
      places.set(value, merged.push(added as Json) - 1)
    } else {
      merged[at] = mergeMap(merged[at]!, change, item())
    }
  }
  for (const each of merged) if (own(each, key) === undefined) throw noMergeKey(each, key)
  const [changed, untouched] = partitioned(merged, changes, key)
  return ordered(changed, untouched, changes, kept, key)
}

/** Items that delete others or replace the whole list are taken out of the patch, and obeyed. */
function withDirectives(present: readonly Json[], patch: readonly Json[], key: string) {
  const deleted = new Set<unknown>()
  const changes: Json[] = []
  let isReplaced = false
  for (const item of patch) {
    const directive = own(item, DIRECTIVE)
    if (directive === undefined) changes.push(item)
    else if (directive === 'replace') isReplaced = true
    else if (directive === 'delete') {
      if (own(item, key) === undefined) throw noMergeKey(item, key)
      deleted.add(own(item, key))
    } else if (directive === 'merge') {
      throw unexpected('merging lists cannot yet be specified in the patch')
    } else {
      throw unexpected(`unknown patch type: ${goText(directive)} in map: ${goValue(item)}`)
    }
  }
  if (isReplaced) return { kept: changes, changes: [] }
  return { kept: present.filter((item) => !deleted.has(own(item, key))), changes }
}

/** Lists that come with the order which they shall have. They are taken out of the patch. */
function mergeOrderedLists(document: Json, patch: Json, strategy: Strategy): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue
    const order = patch[key]
    delete patch[key]
    if (!Array.isArray(order)) throw wrongType('[]interface {}', order)
    const name = listName(key, SET_ORDER)
    const present = listOrNothing(document, name)
    const change = listOrNothing(patch, name)
    const list = memberStrategy(strategy, name, 'list')
    if (change) checkOrder(change, order, list.key)
    if (!present && !change) continue
    const merged =
      present && change
        ? mergeListField(present, change, list, false)
        : (present ?? (taken(change) as unknown[]))
    const isOfMaps = itemsAreMaps([present ?? [], change ?? []])
    const by = isOfMaps ? list.key : undefined
    if (by) for (const each of [...merged, ...order]) checkKey(each, by)
    const [changed, untouched] = partitioned(merged, order, by)
    setOwn(document, name, ordered(changed, untouched, order, present ?? [], by))
    delete patch[name]
  }
}

function listOrNothing(value: Json, name: string): unknown[] | undefined {
  const list = own(value, name)
  if (list === undefined || Array.isArray(list)) return list
  throw wrongType('[]interface {}', list)
}

function checkKey(item: unknown, key: string): void {
  if (!isMap(item)) throw wrongType('map[string]interface {}', item)
  if (own(item, key) === undefined) throw noMergeKey(item, key)
}

/** What the patch changes must be part of the order, and in its sequence. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: string): void {
  if (!patch.length || !order.length) return
  if (key)
    for (const item of patch) if (!isMap(item)) throw wrongType('map[string]interface {}', item)
  const changes = key ? patch.filter((item) => own(item as Json, DIRECTIVE) === undefined) : patch
  let at = 0
  for (const place of order) {
    if (at === changes.length) break
    if (key) {
      checkKey(changes[at], key)
      checkKey(place, key)
    }
    const isSame = key ? (changes[at] as Json)[key] === (place as Json)[key] : changes[at] === place
    if (isSame) at++
  }
  if (at < changes.length) {
    throw unexpected(
      `the order in patch list:\n${goValue(patch)}\n doesn't match ${SET_ORDER} list:\n${goValue(order)}`,
    )
  }
}
