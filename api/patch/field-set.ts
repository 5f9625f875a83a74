/**
 * Sets of fields in the form in which managed fields store them (FieldsV1): a tree whose steps are
 * `f:<field>`, `k:<keys of an item>`, `v:<item of a set>` and `i:<index>`. A step that leads
 * nowhere further is in the set; one that does carries `.` if it is in the set itself. Sets are
 * never changed, so that they may share their parts.
 */
import { sortedByElement } from './path-element.ts'

export interface FieldSet {
  readonly [element: string]: FieldSet
}

/** The set that an empty result is: a tree without a root cannot say that. */
export type Fields = FieldSet | undefined

/** A step that is in the set, and nothing below it. */
export const LEAF: FieldSet = Object.freeze({})

const SELF = '.'

/** Whether the step itself is in the set. */
export function isMember(set: Fields): boolean {
  if (!set || set === LEAF) return set === LEAF
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
type Draft = Record<string, FieldSet>

/** A set of its parts; `children` need not be in order, and may be empty. */
export function setOf(isSelf: boolean, children: Children): Fields {
  const kept = children.filter((child): child is [string, FieldSet] => child[1] !== undefined)
  const draft: Draft = {}
  for (const [element, child] of sortedByElement(kept)) draft[element] = child
  return finished(isSelf, draft, kept.length > 0)
}

/** `draft` holds the children, in order. */
function finished(isSelf: boolean, draft: Draft, hasAny: boolean): Fields {
  if (!hasAny) return isSelf ? LEAF : undefined
  return isSelf ? { [SELF]: LEAF, ...draft } : draft
}

/** `a` itself, where `b` has nothing more. */
export function union(a: Fields, b: Fields): Fields {
  if (!a || a === b) return b
  if (!b) return a
  const isSelf = isMember(a) || isMember(b)
  let isSame = isSelf === isMember(a)
  let isLonger = false
  const changes: Draft = {}
  for (const element in b) {
    if (element === SELF) continue
    const before = childSet(a, element)
    const after = union(before, b[element]) as FieldSet
    if (after === before) continue
    changes[element] = after
    isSame = false
    isLonger ||= before === undefined
  }
  if (isSame) return a
  const { [SELF]: _, ...rest } = a
  const draft: Draft = { ...rest, ...changes }
  return isLonger ? setOf(isSelf, Object.entries(draft)) : finished(isSelf, draft, true)
}

export function intersection(a: Fields, b: Fields): Fields {
  if (!a || !b) return undefined
  if (a === b) return a
  const draft: Draft = {}
  let hasAny = false
  for (const element in b) {
    if (element === SELF) continue
    const shared = intersection(childSet(a, element), b[element])
    if (!shared) continue
    draft[element] = shared
    hasAny = true
  }
  return finished(isMember(a) && isMember(b), draft, hasAny)
}

/** What is in `a` and not in `b`; what lies below a step of `b` stays. */
export function difference(a: Fields, b: Fields): Fields {
  return subtracted(a, b, false)
}

/** As `difference`, and without what lies below a step of `b`. */
export function without(a: Fields, b: Fields): Fields {
  return subtracted(a, b, true)
}

/** `a` itself, where `b` takes nothing away. */
function subtracted(a: Fields, b: Fields, isDeep: boolean): Fields {
  if (!a || !b) return a
  if (a === b || (isDeep && isMember(b))) return undefined
  const isSelf = isMember(a) && !isMember(b)
  let isSame = isSelf === isMember(a)
  const changes: Record<string, Fields> = {}
  for (const element in b) {
    const before = childSet(a, element)
    if (!before) continue
    const after = subtracted(before, b[element], isDeep)
    if (after === before) continue
    changes[element] = after
    isSame = false
  }
  if (isSame) return a
  const draft: Draft = {}
  let hasAny = false
  for (const element in a) {
    if (element === SELF) continue
    const child = element in changes ? changes[element] : a[element]
    if (!child) continue
    draft[element] = child
    hasAny = true
  }
  return finished(isSelf, draft, hasAny)
}

export function equalSets(a: Fields, b: Fields): boolean {
  if (a === b) return true
  if (!a || !b || isMember(a) !== isMember(b)) return false
  const elements = elementsOf(a)
  if (elements.length !== elementsOf(b).length) return false
  return elements.every((element) => equalSets(a[element], childSet(b, element)))
}
