/** An object without a set of its fields. */
import { setOwn } from '../set-own.ts'
import { childSet, type Fields, isMember } from './field-set.ts'
import { itemElement } from './list-items.ts'
import { shapeBelow } from './owned-fields.ts'
import { fieldElement } from './path-element.ts'
import type { KeyedShape, SetShape, Shape } from './shape.ts'

type Json = Record<string, unknown>

/** The value is not changed. What loses all it has becomes null. */
export function removeFields(shape: Shape, value: unknown, fields: Fields): unknown {
  if (!fields) return value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return shape.type === 'set' || shape.type === 'keyed' ? removeItems(shape, value, fields) : null
  }
  return shape.type === 'leaf' ? null : removeEntries(shape, value as Json, fields)
}

function removeItems(
  shape: SetShape | KeyedShape,
  items: readonly unknown[],
  fields: Fields,
): unknown {
  const kept: unknown[] = []
  for (const item of items) {
    const below = childSet(fields, itemElement(shape, item))
    if (isMember(below)) continue
    kept.push(shape.type === 'keyed' ? removeFields(shape.item(), item, below) : item)
  }
  return kept.length ? kept : null
}

function removeEntries(shape: Shape, value: Json, fields: Fields): unknown {
  const kept: Json = {}
  let isEmpty = true
  for (const [name, child] of Object.entries(value)) {
    const below = childSet(fields, fieldElement(name))
    if (isMember(below)) continue
    setOwn(kept, name, removeFields(shapeBelow(shape, name)[0], child, below))
    isEmpty = false
  }
  return isEmpty ? null : kept
}
