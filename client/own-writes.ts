/**
 * Makes sure that nobody decides on a cache that does not show their own writes yet: what a
 * controller has created would be created a second time.
 */
import { compareResourceVersions } from '#api/resource-version.ts'
import type { Informer } from './informer.ts'
import { type ApiObject, keyOf, type Reference, resourceId } from './resource.ts'
import type { Write } from './rest.ts'

/** What one cache still has to show to one key. */
interface Expected {
  version: string
  readonly removals: Map<string, Removal>
}

interface Removal {
  readonly reference: Reference
  readonly uid: string | undefined
}

type AnyInformer = Informer<ApiObject>

export class OwnWrites {
  readonly #informers: readonly AnyInformer[]
  readonly #expected = new Map<string, Map<AnyInformer, Expected>>()

  constructor(informers: readonly AnyInformer[]) {
    this.#informers = informers
  }

  /** The work on this key has written something. */
  note(key: string, write: Write): void {
    const id = resourceId(write.resource)
    for (const informer of this.#informers) {
      if (resourceId(informer.resource) !== id) continue
      // A cache of selected objects never hears of others.
      if (write.type === 'stored' && !informer.shows(write.object)) continue
      addTo(this.#of(key, informer), write)
    }
  }

  /** Undefined when all is seen; else a promise for the moment when it is. */
  unseen(key: string): Promise<unknown> | undefined {
    const ofKey = this.#expected.get(key)
    if (!ofKey) return undefined
    const waits = [...ofKey].flatMap(([informer, expected]) => waitsFor(informer, expected))
    if (waits.length > 0) return Promise.all(waits)
    this.#expected.delete(key)
    return undefined
  }

  /** Stops waiting: what never comes must not hold a key forever. */
  forget(key: string): void {
    this.#expected.delete(key)
  }

  #of(key: string, informer: AnyInformer): Expected {
    const ofKey = this.#expected.get(key) ?? new Map<AnyInformer, Expected>()
    this.#expected.set(key, ofKey)
    const expected = ofKey.get(informer) ?? { version: '', removals: new Map() }
    ofKey.set(informer, expected)
    return expected
  }
}

function addTo(expected: Expected, write: Write): void {
  if (write.type === 'deleted') {
    const { reference, uid } = write
    expected.removals.set(keyOf(reference), { reference, uid })
    return
  }
  const { resourceVersion } = write.object.metadata
  const { version } = expected
  const isLater = version === '' || compareResourceVersions(resourceVersion, version) > 0
  if (isLater) expected.version = resourceVersion
}

function waitsFor({ cache }: AnyInformer, { version, removals }: Expected): Promise<void>[] {
  const waits = [...removals.values()].map(({ reference, uid }) => cache.removed(reference, uid))
  if (version !== '') waits.push(cache.reached(version))
  return waits.filter((wait) => wait !== undefined)
}
