/** How items of lists are told apart. */
import { keyElement, valueElement } from './path-element.ts'
import type { KeyedShape, SetShape } from './shape.ts'

/** What identifies an item; items without any key share an element of their own. */
export function itemElement(shape: SetShape | KeyedShape, item: unknown): string {
  if (shape.type === 'set') return valueElement(item)
  const { keys, defaults } = shape
  const fields = (typeof item === 'object' ? item : undefined) as Record<string, unknown> | null
  const values = keys.map((key, at) => fields?.[key] ?? defaults[at])
  return keyElement(keys, values)
}

/** The first key that an item lacks and that has no default. */
export function missingKey(shape: KeyedShape, item: object): string | undefined {
  const fields = item as Record<string, unknown>
  return shape.keys.find((key, at) => fields[key] === undefined && shape.defaults[at] === undefined)
}
