/** The class that objects get which name none: of those marked as default, the newest. */
import type { ObjectMeta } from '../parts/meta/object-meta.ts'

/** By any of these annotations a storage class says that it is the default. */
export const storageClassMarks: readonly string[] = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export function defaultClass<T extends { readonly metadata: ObjectMeta }>(
  classes: readonly T[],
  marks: readonly string[],
): T | undefined {
  const marked = classes.filter(({ metadata }) =>
    marks.some((mark) => metadata.annotations?.[mark] === 'true'),
  )
  return marked.toSorted(newestFirst)[0]
}

/** Of the same second, by name. */
function newestFirst(
  { metadata: a }: { readonly metadata: ObjectMeta },
  { metadata: b }: { readonly metadata: ObjectMeta },
): number {
  const [left, right] = [String(a.creationTimestamp), String(b.creationTimestamp)]
  if (left !== right) return left < right ? 1 : -1
  return a.name < b.name ? -1 : 1
}
