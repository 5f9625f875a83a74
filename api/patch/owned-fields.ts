/** The fields that an applied configuration claims, and how sets of fields meet a schema. */
import {
  elementsOf,
  type FieldSet,
  type Fields,
  hasChildren,
  isMember,
  LEAF,
  setOf,
} from './field-set.ts'
import { itemElement } from './list-items.ts'
import { fieldElement } from './path-element.ts'
import { deduced, type KeyedShape, type SetShape, type Shape } from './shape.ts'

/** What a configuration claims: its leaves, items and entries; a struct only by its fields. */
export function claimedFields(shape: Shape, value: unknown): Fields {
  switch (shape.type) {
    case 'leaf':
      return LEAF
    case 'set':
    case 'keyed':
      return Array.isArray(value) ? claimedItems(shape, value) : undefined
    case 'deduced':
      if (typeof value !== 'object' || Array.isArray(value)) return LEAF
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const children: [string, Fields][] = []
  for (const [name, child] of Object.entries(value)) {
    const [childShape, isField] = shapeBelow(shape, name)
    const below = claimedFields(childShape, child)
    const isSelf = isMember(below) || !isField || isBareMap(child)
    children.push([fieldElement(name), isSelf ? withSelf(below) : below])
  }
  return setOf(false, children)
}

const isBareMap = (value: unknown): boolean =>
  value === null ||
  (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0)

function withSelf(set: Fields): FieldSet {
  if (!set || isMember(set)) return set ?? LEAF
  return { '.': LEAF, ...set }
}

function claimedItems(shape: SetShape | KeyedShape, items: readonly unknown[]): Fields {
  const children = new Map<string, Fields>()
  for (const item of items) {
    const element = itemElement(shape, item)
    const isTwice = children.has(element)
    const below = isTwice || shape.type === 'set' ? LEAF : claimedFields(shape.item(), item)
    children.set(element, withSelf(below))
  }
  return setOf(false, [...children])
}

/** The shape of a field, and whether the schema names it. */
export function shapeBelow(shape: Shape, name: string): readonly [Shape, isField: boolean] {
  if (shape.type === 'struct') {
    const member = shape.byName.get(name)
    return member ? [member.shape(), true] : [deduced, false]
  }
  return [shape.type === 'map' ? shape.value() : deduced, false]
}

/** The shape behind a step of a path. */
function shapeBehind(shape: Shape, element: string): Shape {
  if (element.startsWith('f:')) return shapeBelow(shape, element.slice(2))[0]
  return shape.type === 'keyed' ? shape.item() : deduced
}

/** With every field that the schema names and that leads to a member made a member itself. */
export function withNamedFields(shape: Shape, set: Fields): Fields {
  if (!set || !hasChildren(set)) return set
  const children = elementsOf(set).map((element): [string, Fields] => {
    const below = withNamedFields(shapeBehind(shape, element), set[element])
    const isNamed = shape.type === 'struct' && shape.byName.has(element.slice(2))
    return [element, isNamed && hasChildren(below as FieldSet) ? withSelf(below) : below]
  })
  return setOf(isMember(set), children)
}

/** A schema may have become coarser since: who owned parts of what is now one, owns the whole. */
export function reconciledFields(shape: Shape, set: Fields): Fields {
  if (!set || !hasChildren(set)) return set
  if (shape.type === 'leaf') return LEAF
  if (shape.type === 'deduced' || shape.type === 'set') return set
  let isChanged = false
  const children = elementsOf(set).map((element): [string, Fields] => {
    const before = set[element]
    const after = reconciledFields(shapeBehind(shape, element), before)
    isChanged ||= after !== before
    return [element, after]
  })
  return isChanged ? setOf(isMember(set), children) : set
}
