/** Merges an applied configuration into an object; the schema says what is owned as a whole. */
import { setOwn } from '../set-own.ts'
import { itemElement } from './list-items.ts'
import { shapeBelow } from './owned-fields.ts'
import type { KeyedShape, SetShape, Shape } from './shape.ts'

type Json = Record<string, unknown>

/** Neither argument is changed; the result shares parts with both. */
export function mergeTyped(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  switch (shape.type) {
    case 'leaf':
      return config
    case 'set':
    case 'keyed':
      return mergeLists(shape, live, config)
    default:
      return mergeMaps(shape, live, config)
  }
}

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isBare = (value: Json): boolean => Object.keys(value).length === 0

function mergeMaps(shape: Shape, live: unknown, config: unknown): unknown {
  // Null says nothing about the fields of a map, so that they stay.
  if (config !== null && !isMap(config)) return config
  const left = isMap(live) ? live : {}
  const right = config ?? {}
  if (isBare(right)) return isBare(left) ? config : left
  const merged: Json = {}
  for (const [name, child] of Object.entries(left)) {
    const given = Object.hasOwn(right, name) ? right[name] : undefined
    setOwn(merged, name, mergeTyped(shapeBelow(shape, name)[0], child, given))
  }
  for (const [name, child] of Object.entries(right)) {
    if (Object.hasOwn(left, name)) continue
    setOwn(merged, name, mergeTyped(shapeBelow(shape, name)[0], undefined, child))
  }
  return merged
}

/**
 * The items of the configuration keep their order, those of the object alone keep theirs; an item
 * of the object stands before the configured ones that it preceded.
 */
function mergeLists(shape: SetShape | KeyedShape, live: unknown, config: unknown): unknown {
  const left: unknown[] = Array.isArray(live) ? live : []
  const right: unknown[] = Array.isArray(config) ? config : []
  if (!right.length) return left.length ? left : config
  const lefts = left.map((item) => itemElement(shape, item))
  const rights = right.map((item) => itemElement(shape, item))
  const present = counted(lefts)
  const wanted = new Set(rights)
  const isShared = (element: string): boolean => wanted.has(element)
  const shared = rights.filter((element) => present.has(element))
  const merged: unknown[] = []
  const done = new Set<string>()
  let nextShared = 0
  const take = (at: number): void => {
    const element = rights[at]!
    done.add(element)
    const found = present.get(element)
    // Several items of one key cannot be told apart: the configured one takes their place.
    const before = found && found.length === 1 ? left[found[0]!] : undefined
    merged.push(mergeItems(shape, before, right[at]))
    if (shared[nextShared] === element) nextShared++
  }
  let [l, r] = [0, 0]
  while (l < left.length || r < right.length) {
    const element = lefts[l]
    if (element !== undefined && element === rights[r]) {
      take(r++)
      l++
    } else if (element !== undefined && !isShared(element)) {
      merged.push(left[l++])
    } else if (element !== undefined && (done.has(element) || element !== shared[nextShared])) {
      // Moved by the configuration: it comes, or came, where that says.
      l++
    } else if (r < right.length) {
      take(r++)
    } else {
      l++
    }
  }
  return merged
}

function mergeItems(shape: SetShape | KeyedShape, live: unknown, config: unknown): unknown {
  return shape.type === 'set' ? config : mergeTyped(shape.item(), live, config)
}

/** Where each element stands. */
function counted(elements: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [at, element] of elements.entries()) {
    const list = places.get(element)
    if (list) list.push(at)
    else places.set(element, [at])
  }
  return places
}
