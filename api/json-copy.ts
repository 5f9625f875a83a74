/** A deep copy of a JSON value, far faster than `structuredClone`, which expects anything. */

/** Keys of any name are kept, and keys keep their order. */
export function jsonCopy<T>(value: T): T {
  return typeof value === 'object' && value !== null ? (copied(value) as T) : value
}

function copied(value: object): object {
  if (Array.isArray(value)) return value.map(jsonCopy)
  // An own field named `__proto__` is copied as one, and may then be assigned like any other.
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) {
    const field = copy[name]
    if (typeof field === 'object' && field !== null) copy[name] = copied(field)
  }
  return copy
}
