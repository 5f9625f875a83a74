/** Indexes by the value of a label, one for each key that selectors insist on. */
import type { Index } from './cache.ts'
import type { ApiObject } from './resource.ts'

/** Users choose the keys: beyond so many, selectors look at all objects. */
const KEYS_MAX = 16

export interface LabelIndexes<S> {
  indexFor(key: string): Index<S> | undefined
}

export function labelIndexes<S extends ApiObject>(): LabelIndexes<S> {
  const byKey = new Map<string, Index<S>>()
  return {
    indexFor(key) {
      const known = byKey.get(key)
      if (known || byKey.size === KEYS_MAX) return known
      const index: Index<S> = {
        name: `label ${key}`,
        values: ({ metadata }) => {
          const value = metadata.labels?.[key]
          return value === undefined ? [] : [value]
        },
      }
      byKey.set(key, index)
      return index
    },
  }
}
