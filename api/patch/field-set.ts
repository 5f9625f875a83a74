/**
 * Sets of fields in the form in which managed fields store them (FieldsV1): a tree whose steps are
 * `f:<field>`, `k:<keys of an item>`, `v:<item of a set>` and `i:<index>`. A step that leads nowhere
 * further is in the set; one that does carries `.` if it is in the set itself. Sets are never
 * changed, so that they may share their parts.
 */
import { comparePathElements } from './path-element.ts'

export interface FieldSet {
  readonly [element: string]: FieldSet
}

/** The set that an empty result is: a tree without a root cannot say that. */
export type Fields = FieldSet | undefined

/** A step that is in the set, and nothing below it. */
export const LEAF: FieldSet = Object.freeze({})

const SELF = '.'

export function isEmptySet(set: Fields): set is undefined {
  return set === undefined
}

/** Whether the step itself is in the set. */
export function isMember(set: Fields): boolean {
  if (!set) return false
  for (const _ in set) return SELF in set
  return true
}

export function childSet(set: Fields, element: string): Fields {
  return element !== SELF && set && Object.hasOwn(set, element) ? set[element] : undefined
}

/** The steps below, without the set itself. */
export function elementsOf(set: Fields): string[] {
  return set ? Object.keys(set).filter((element) => element !== SELF) : []
}

export function hasChildren(set: Fields): boolean {
  for (const element in set) if (element !== SELF) return true
  return false
}

type Children = readonly (readonly [element: string, Fields])[]

/** A set of its parts; `children` need not be in order, and may be empty. */
export function setOf(isSelf: boolean, children: Children): Fields {
  const kept = children.filter((child): child is [string, FieldSet] => child[1] !== undefined)
  if (!kept.length) return isSelf ? LEAF : undefined
  if (!isSorted(kept)) kept.sort(([a], [b]) => comparePathElements(a, b))
  const set: Record<string, FieldSet> = isSelf ? { [SELF]: LEAF } : {}
  for (const [element, child] of kept) set[element] = child
  return set
}

function isSorted(children: readonly (readonly [string, FieldSet])[]): boolean {
  for (let at = 1; at < children.length; at++) {
    if (comparePathElements(children[at - 1]![0], children[at]![0]) >= 0) return false
  }
  return true
}

export function union(a: Fields, b: Fields): Fields {
  if (!a || a === b) return b
  if (!b) return a
  const children: [string, Fields][] = []
  for (const element in a) {
    if (element !== SELF) children.push([element, union(a[element], childSet(b, element))])
  }
  for (const element in b) {
    if (element !== SELF && !Object.hasOwn(a, element)) children.push([element, b[element]])
  }
  return setOf(isMember(a) || isMember(b), children)
}

export function intersection(a: Fields, b: Fields): Fields {
  if (!a || !b) return undefined
  if (a === b) return a
  const children: [string, Fields][] = []
  for (const element in a) {
    if (element !== SELF) children.push([element, intersection(a[element], childSet(b, element))])
  }
  return setOf(isMember(a) && isMember(b), children)
}

/** What is in `a` and not in `b`; what lies below a step of `b` stays. */
export function difference(a: Fields, b: Fields): Fields {
  if (!a || a === b) return undefined
  if (!b) return a
  const children: [string, Fields][] = []
  for (const element in a) {
    if (element !== SELF) children.push([element, difference(a[element], childSet(b, element))])
  }
  return setOf(isMember(a) && !isMember(b), children)
}

/** As `difference`, and without what lies below a step of `b`. */
export function without(a: Fields, b: Fields): Fields {
  if (!a || !b) return a
  if (isMember(b)) return undefined
  const children: [string, Fields][] = []
  for (const element in a) {
    if (element !== SELF) children.push([element, without(a[element], childSet(b, element))])
  }
  return setOf(isMember(a), children)
}

export function equalSets(a: Fields, b: Fields): boolean {
  if (a === b) return true
  if (!a || !b || isMember(a) !== isMember(b)) return false
  const elements = elementsOf(a)
  if (elements.length !== elementsOf(b).length) return false
  return elements.every((element) => equalSets(a[element], childSet(b, element)))
}
