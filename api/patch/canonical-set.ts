/** Sets of fields as clients send them, brought into the one form in which they are compared. */
import { parseJson } from '../json.ts'
import { type Fields, setOf, union } from './field-set.ts'
import { keyElement, valueElement } from './path-element.ts'

/** The set that a FieldsV1 value describes. */
export function canonicalSet(value: unknown): Fields | 'invalid' {
  try {
    return children(value)
  } catch (error) {
    if (error instanceof FieldsError) return 'invalid'
    throw error
  }
}

class FieldsError extends Error {}

function children(value: unknown, isNested = false): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldsError()
  const found = new Map<string, Fields>()
  for (const [element, child] of Object.entries(value)) {
    const canonical = element === '.' ? undefined : canonicalElement(element)
    if (canonical === undefined) continue
    found.set(canonical, union(found.get(canonical), children(child, true)))
  }
  // A step that leads nowhere further is in the set; the object as a whole never is.
  const isSelf = isNested && (found.size === 0 || Object.hasOwn(value, '.'))
  return setOf(isSelf, [...found])
}

/** Undefined for a kind of step that only later versions know. */
function canonicalElement(element: string): string | undefined {
  if (element.length < 2 || element[1] !== ':') throw new FieldsError()
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return element
    case 'v':
      return valueElement(parsed(rest))
    case 'k':
      return canonicalKeys(parsed(rest))
    case 'i':
      if (!/^[+-]?[0-9]+$/.test(rest)) throw new FieldsError()
      return `i:${Number(rest)}`
    default:
      return undefined
  }
}

function canonicalKeys(keys: unknown): string {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) throw new FieldsError()
  const names = Object.keys(keys).sort()
  return keyElement(
    names,
    names.map((name) => (keys as Record<string, unknown>)[name]),
  )
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new FieldsError('', { cause })
  }
}
