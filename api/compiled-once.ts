/** Walks over values that are compiled once for each schema, and only where there is work to do. */
import { type LazySchema, resolved, type Schema } from './schema.ts'

type Walk<A extends readonly unknown[]> = (...given: A) => void

/**
 * From how a schema is compiled, the walk of any schema: undefined where nothing below has work to
 * do, so that whole subtrees are never visited.
 */
export function compiledOnce<A extends readonly unknown[]>(
  compile: (schema: Exclude<Schema, LazySchema>) => Walk<A> | undefined,
): (schema: Schema) => Walk<A> | undefined {
  const compiled = new WeakMap<Schema, Walk<A> | 'compiling' | 'none'>()
  const walkOf = (schema: Schema): Walk<A> | undefined => {
    const target = resolved(schema)
    const known = compiled.get(target)
    if (known === 'none') return undefined
    // A schema inside itself: whether it has work to do is known only when it is compiled.
    if (known === 'compiling') return (...given) => walkOf(target)?.(...given)
    if (known) return known
    compiled.set(target, 'compiling')
    const walk = compile(target)
    compiled.set(target, walk ?? 'none')
    return walk
  }
  return walkOf
}
