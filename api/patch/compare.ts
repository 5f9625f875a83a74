/** What one object has that another has not, as three sets of fields. */
import { type FieldSet, type Fields, LEAF, setOf, union } from './field-set.ts'
import { itemElement } from './list-items.ts'
import { fieldElement } from './path-element.ts'
import { sameJson } from './same-json.ts'
import {
  type DeducedShape,
  deduced,
  type KeyedShape,
  type SetShape,
  type Shape,
  type StructShape,
} from './shape.ts'

export interface Comparison {
  readonly added: Fields
  readonly modified: Fields
  readonly removed: Fields
}

export const SAME: Comparison = { added: undefined, modified: undefined, removed: undefined }
const LEAF_ADDED: Comparison = { ...SAME, added: LEAF }
const LEAF_MODIFIED: Comparison = { ...SAME, modified: LEAF }
const LEAF_REMOVED: Comparison = { ...SAME, removed: LEAF }

type Json = Record<string, unknown>

/** Compares two values of one shape; `SAME` itself, where nothing differs. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === after) return SAME
  if (before === undefined) return { ...SAME, added: everything(shape, after) }
  if (after === undefined) return { ...SAME, removed: everything(shape, before) }
  switch (shape.type) {
    case 'leaf':
      return compareLeaves(before, after)
    case 'deduced':
      return compareDeduced(shape, before, after)
    case 'struct':
    case 'map':
      return compareMaps(shape, before, after)
    default:
      return compareLists(shape, before, after)
  }
}

const compareLeaves = (before: unknown, after: unknown): Comparison =>
  sameJson(before, after) ? SAME : LEAF_MODIFIED

/** Every field of a value that stands alone, and the value itself. */
export function everything(shape: Shape, value: unknown): FieldSet {
  if (typeof value !== 'object' || value === null) return LEAF
  switch (shape.type) {
    case 'leaf':
      return LEAF
    case 'set':
    case 'keyed':
      return everyItem(shape, value)
    case 'struct':
      return everyMember(shape, value as Json)
    default:
      return Array.isArray(value) ? LEAF : everyEntry(shape, value as Json)
  }
}

/** In the order of the schema's sorted members, which is the order of sets. */
function everyMember(shape: StructShape, value: Json): FieldSet {
  if (Array.isArray(value)) return LEAF
  const set: Draft = { '.': LEAF }
  let isBareStruct = true
  for (const { name, element, isInherited, shape: child } of shape.members) {
    const field = value[name]
    if (field === undefined || (isInherited && !Object.hasOwn(value, name))) continue
    set[element] = typeof field === 'object' ? everything(child(), field) : LEAF
    isBareStruct = false
  }
  if (shape.isOpen) return withUnknown(shape, value, set)
  return isBareStruct ? LEAF : set
}

type Draft = Record<string, FieldSet>

function withUnknown(shape: StructShape, value: Json, { '.': _, ...known }: Draft): FieldSet {
  const children: [string, Fields][] = Object.entries(known)
  for (const name of unknownFields(shape, value)) {
    children.push([fieldElement(name), everything(deduced, value[name])])
  }
  return setOf(true, children) as FieldSet
}

/** What an open struct has beside the fields of its schema. */
function unknownFields(shape: StructShape, ...values: Json[]): Iterable<string> {
  if (!shape.isOpen) return []
  const names = values.flatMap((value) => Object.keys(value))
  return new Set(names.filter((name) => !shape.byName.has(name)))
}

function everyEntry(shape: Shape, value: Json): FieldSet {
  const child = shape.type === 'map' ? shape.value() : shape
  const children: [string, FieldSet][] = []
  for (const name in value) children.push([fieldElement(name), everything(child, value[name])])
  return setOf(true, children) as FieldSet
}

function everyItem(shape: SetShape | KeyedShape, items: object): FieldSet {
  if (!Array.isArray(items)) return LEAF
  if (items.length === 1) {
    const below = shape.type === 'set' ? LEAF : everything(shape.item(), items[0])
    return { '.': LEAF, [itemElement(shape, items[0])]: below }
  }
  const sets = new Map<string, FieldSet>()
  for (const item of items) {
    const element = itemElement(shape, item)
    // An item that occurs twice is owned as a whole.
    const isLeaf = shape.type === 'set' || sets.has(element)
    sets.set(element, isLeaf ? LEAF : everything(shape.item(), item))
  }
  return setOf(true, [...sets]) as FieldSet
}

/** Collects what the children of one value differ in. */
class Differences {
  readonly #added: [string, Fields][] = []
  readonly #modified: [string, Fields][] = []
  readonly #removed: [string, Fields][] = []
  #isAny = false

  add(element: string, child: Comparison): void {
    if (child === SAME) return
    this.#isAny = true
    if (child.added) this.#added.push([element, child.added])
    if (child.modified) this.#modified.push([element, child.modified])
    if (child.removed) this.#removed.push([element, child.removed])
  }

  result(): Comparison {
    if (!this.#isAny) return SAME
    return {
      added: setOf(false, this.#added),
      modified: setOf(false, this.#modified),
      removed: setOf(false, this.#removed),
    }
  }
}

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isBare(value: unknown): boolean {
  for (const _ in value as object) return false
  return true
}

function compareMaps(shape: Shape, before: unknown, after: unknown): Comparison {
  const [left, right] = [isMap(before) ? before : {}, isMap(after) ? after : {}]
  // Two empty values are one leaf, which keeps null and {} apart.
  if (isBare(left) && isBare(right)) return compareLeaves(before, after)
  const differences = new Differences()
  if (shape.type === 'struct') {
    for (const { name, element, shape: child } of shape.members) {
      const [was, is] = [own(left, name), own(right, name)]
      if (was !== is) differences.add(element, compare(child(), was, is))
    }
    for (const name of unknownFields(shape, left, right)) {
      differences.add(fieldElement(name), compare(deduced, own(left, name), own(right, name)))
    }
    return differences.result()
  }
  const child = shape.type === 'map' ? shape.value() : shape
  for (const name in left) {
    differences.add(fieldElement(name), compare(child, left[name], own(right, name)))
  }
  for (const name in right) {
    if (Object.hasOwn(left, name)) continue
    differences.add(fieldElement(name), compare(child, undefined, right[name]))
  }
  return differences.result()
}

function own(value: Json, name: string): unknown {
  const field = value[name]
  return field === undefined || Object.hasOwn(value, name) ? field : undefined
}

/** A value that turns from a map to something else loses its fields and is changed itself. */
function compareDeduced(shape: DeducedShape, before: unknown, after: unknown): Comparison {
  const [left, right] = [isMap(before), isMap(after)]
  if (left === right) {
    return left ? compareMaps(shape, before, after) : compareLeaves(before, after)
  }
  if (before === null || after === null) return compareMaps(shape, before, after)
  const inside = compareMaps(shape, left ? before : {}, right ? after : {})
  return { ...inside, modified: union(inside.modified, LEAF) }
}

function compareLists(shape: SetShape | KeyedShape, before: unknown, after: unknown): Comparison {
  const left: unknown[] = Array.isArray(before) ? before : []
  const right: unknown[] = Array.isArray(after) ? after : []
  if (!left.length && !right.length) return compareLeaves(before, after)
  // Most lists that a write leaves alone are told by this alone, without telling items apart.
  if (sameJson(left, right)) return SAME
  const [olds, news] = [grouped(shape, left), grouped(shape, right)]
  const differences = new Differences()
  for (const [element, items] of olds) {
    compareItems(shape, element, items, news.get(element) ?? [], differences)
  }
  for (const [element, items] of news) {
    if (!olds.has(element)) compareItems(shape, element, [], items, differences)
  }
  return differences.result()
}

function grouped(shape: SetShape | KeyedShape, items: readonly unknown[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const item of items) {
    const element = itemElement(shape, item)
    const group = groups.get(element)
    if (group) group.push(item)
    else groups.set(element, [item])
  }
  return groups
}

/** Items that share their key are compared as a whole: nothing tells them apart. */
function compareItems(
  shape: SetShape | KeyedShape,
  element: string,
  olds: readonly unknown[],
  news: readonly unknown[],
  differences: Differences,
): void {
  const item: Shape = shape.type === 'keyed' ? shape.item() : { type: 'leaf' }
  if (olds.length <= 1 && news.length <= 1) {
    differences.add(element, compare(item, olds[0], news[0]))
  } else if (olds.length > 1 && news.length > 1) {
    if (!sameJson(olds, news)) differences.add(element, LEAF_MODIFIED)
  } else if (olds.length > 1) {
    const added = news.length ? everything(item, news[0]) : undefined
    differences.add(element, { ...LEAF_REMOVED, added })
  } else {
    const removed = olds.length ? everything(item, olds[0]) : undefined
    differences.add(element, { ...LEAF_ADDED, removed })
  }
}
