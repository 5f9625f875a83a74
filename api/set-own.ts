/**
 * A field set on an object, whatever its name: an assignment to `__proto__` would change the
 * prototype instead. Every other name takes the fast way.
 */
export function setOwn(target: object, key: string, value: unknown): void {
  if (key !== '__proto__') {
    ;(target as Record<string, unknown>)[key] = value
    return
  }
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}
