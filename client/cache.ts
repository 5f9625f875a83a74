/** The objects of a resource as they were seen last, with indexes, for readers that do not wait. */

import { everything, type LabelSelector, requiredLabel } from '#api/label-selector.ts'
import type { OwnerReference } from '#api/parts/meta/object-meta.ts'
import { compareResourceVersions } from '#api/resource-version.ts'
import { labelIndexes } from './label-indexes.ts'
import { type ApiObject, keyOf, type Target } from './resource.ts'

/** A way to find objects: by every value that `values` gives for them. Made once, as a constant. */
export interface Index<S> {
  readonly name: string
  readonly values: (object: S) => readonly string[]
}

export interface OwnerLike {
  readonly metadata: { readonly uid: string }
}

/** What others may do with a cache. The objects are shared: nobody may change them. */
export interface CacheReader<S> {
  get(target: Target): S | undefined
  /** All of them, or those of one namespace. */
  list(namespace?: string): readonly S[]
  by(index: Index<S>, value: string): readonly S[]
  /** Those that name this very object as their controller. */
  ownedBy(owner: OwnerLike): readonly S[]
  matching(selector: LabelSelector, namespace?: string): readonly S[]
  readonly size: number
  /** Everything up to this version has been seen; empty before the first list. */
  readonly version: string
}

export const controllerOf = ({ metadata }: ApiObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller)

const byNamespace: Index<ApiObject> = {
  name: 'namespace',
  values: ({ metadata: { namespace } }) => (namespace ? [namespace] : []),
}

const byController: Index<ApiObject> = {
  name: 'controller',
  values: (object) => {
    const owner = controllerOf(object)
    return owner ? [owner.uid] : []
  },
}

interface Waiter {
  readonly isOver: () => boolean
  readonly resolve: () => void
}

export class Cache<S extends ApiObject> implements CacheReader<S> {
  readonly #objects = new Map<string, S>()
  /** Built when somebody first asks, kept up to date from then on. */
  readonly #indexes = new Map<Index<S>, Map<string, Map<string, S>>>()
  readonly #labels = labelIndexes<S>()
  readonly #waiters = new Set<Waiter>()
  #version = ''

  get size(): number {
    return this.#objects.size
  }

  get version(): string {
    return this.#version
  }

  get(target: Target): S | undefined {
    return this.#objects.get(keyOf(target))
  }

  list(namespace?: string): readonly S[] {
    return namespace ? this.by(byNamespace, namespace) : [...this.#objects.values()]
  }

  by(index: Index<S>, value: string): readonly S[] {
    return [...(this.#built(index).get(value)?.values() ?? [])]
  }

  ownedBy({ metadata }: OwnerLike): readonly S[] {
    return this.by(byController, metadata.uid)
  }

  matching(selector: LabelSelector, namespace?: string): readonly S[] {
    if (selector.selectsNothing) return []
    const candidates = this.#candidates(selector, namespace)
    if (selector === everything) return candidates
    return candidates.filter(({ metadata }) => selector.matches(metadata.labels))
  }

  /** Resolves when the cache has come so far as to contain, or to have missed, that version. */
  reached(version: string): Promise<void> | undefined {
    return this.#until(() => isAtLeast(this.#version, version))
  }

  /** Resolves when that very object is gone, or on its way. */
  removed(target: Target, uid: string | undefined): Promise<void> | undefined {
    const key = keyOf(target)
    return this.#until(() => {
      const { metadata } = this.#objects.get(key) ?? {}
      if (!metadata || metadata.deletionTimestamp) return true
      return uid !== undefined && metadata.uid !== uid
    })
  }

  /** What was there before, if anything. */
  put(object: S): S | undefined {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const [index, entries] of this.#indexes) {
      if (previous) removeFrom(entries, index.values(previous), key)
      addTo(entries, index.values(object), key, object)
    }
    return previous
  }

  remove(target: Target): S | undefined {
    const key = keyOf(target)
    const previous = this.#objects.get(key)
    if (!previous) return undefined
    this.#objects.delete(key)
    for (const [index, entries] of this.#indexes) {
      removeFrom(entries, index.values(previous), key)
    }
    return previous
  }

  /** Says how far the cache is, once all changes up to there are in it. */
  advance(version: string): void {
    this.#version = version
    for (const waiter of this.#waiters) {
      if (!waiter.isOver()) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  /** The smallest set that is at hand: by a label that is required, or by namespace. */
  #candidates(selector: LabelSelector, namespace: string | undefined): readonly S[] {
    for (const { key } of selector.requirements) {
      const value = requiredLabel(selector, key)
      const index = value === undefined ? undefined : this.#labels.indexFor(key)
      if (value === undefined || !index) continue
      const found = this.by(index, value)
      return namespace ? found.filter(({ metadata }) => metadata.namespace === namespace) : found
    }
    return this.list(namespace)
  }

  #built(index: Index<S>): ReadonlyMap<string, ReadonlyMap<string, S>> {
    const known = this.#indexes.get(index)
    if (known) return known
    const entries = new Map<string, Map<string, S>>()
    for (const [key, object] of this.#objects) addTo(entries, index.values(object), key, object)
    this.#indexes.set(index, entries)
    return entries
  }

  #until(isOver: () => boolean): Promise<void> | undefined {
    if (isOver()) return undefined
    return new Promise((resolve) => void this.#waiters.add({ isOver, resolve }))
  }
}

function addTo<S>(
  entries: Map<string, Map<string, S>>,
  values: readonly string[],
  key: string,
  object: S,
): void {
  for (const value of values) {
    const found = entries.get(value)
    if (found) found.set(key, object)
    else entries.set(value, new Map([[key, object]]))
  }
}

function removeFrom<S>(
  entries: Map<string, Map<string, S>>,
  values: readonly string[],
  key: string,
): void {
  for (const value of values) {
    const found = entries.get(value)
    if (!found?.delete(key) || found.size > 0) continue
    entries.delete(value)
  }
}

function isAtLeast(version: string, wanted: string): boolean {
  return version !== '' && compareResourceVersions(version, wanted) >= 0
}
