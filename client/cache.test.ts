/** The cache and its indexes, against a plain search through everything. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import { everything, nothing, parseLabelSelector } from '#api/label-selector.ts'
import { Cache, type Index } from './cache.ts'

interface Facts {
  readonly name: string
  readonly namespace: string
  readonly labels?: Readonly<Record<string, string>>
  readonly owner?: string
  readonly size?: string
}

function objectOf({ name, namespace, labels, owner, size = '' }: Facts): ConfigMap {
  const ownerReferences = owner ? [{ uid: owner, controller: true }] : undefined
  const metadata = { name, namespace, labels, ownerReferences, uid: name, resourceVersion: '1' }
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { size } } as unknown as ConfigMap
}

const bySize: Index<ConfigMap> = { name: 'size', values: ({ data }) => [data?.size ?? ''] }

const names = (objects: readonly ConfigMap[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).toSorted()

test('every index finds what a search through everything finds', () => {
  const word = fc.constantFrom('a', 'b', 'c')
  const facts = fc.record({
    name: word,
    namespace: word,
    labels: fc.dictionary(fc.constantFrom('x', 'y'), word),
    owner: fc.option(word, { nil: '' }),
    size: word,
  })
  const step = fc.record({ do: fc.constantFrom('put', 'put', 'remove', 'look'), facts })
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const cache = new Cache<ConfigMap>()
    const plain = new Map<string, Facts>()
    const look = (): void => {
      const all = [...plain.values()]
      const found = (test: (facts: Facts) => boolean) => names(all.filter(test).map(objectOf))
      for (const value of ['a', 'b', 'c']) {
        expect(names(cache.list(value))).toEqual(found((each) => each.namespace === value))
        expect(names(cache.by(bySize, value))).toEqual(found((each) => each.size === value))
        const owned = cache.ownedBy({ metadata: { uid: value } })
        expect(names(owned)).toEqual(found((each) => each.owner === value))
        const selector = parseLabelSelector(`x=${value},y!=a`)
        const isSelected = (each: Facts) => each.labels?.x === value && each.labels?.y !== 'a'
        expect(names(cache.matching(selector))).toEqual(found(isSelected))
        expect(names(cache.matching(selector, 'a'))).toEqual(
          found((each) => isSelected(each) && each.namespace === 'a'),
        )
        const unindexed = parseLabelSelector('!x')
        expect(names(cache.matching(unindexed, value))).toEqual(
          found((each) => each.labels?.x === undefined && each.namespace === value),
        )
      }
      expect(cache.size).toBe(plain.size)
    }
    for (const { do: what, facts: each } of steps) {
      const key = `${each.namespace}/${each.name}`
      if (what === 'look') look()
      else if (what === 'put') {
        cache.put(objectOf(each))
        plain.set(key, each)
      } else {
        cache.remove(each)
        plain.delete(key)
      }
    }
    look()
  })
  fc.assert(property, { seed: 42, numRuns: 200 })
})

describe('matching()', () => {
  test('everything and nothing', () => {
    const cache = new Cache<ConfigMap>()
    cache.put(objectOf({ name: 'a', namespace: 'x' }))
    expect(cache.matching(everything)).toHaveLength(1)
    expect(cache.matching(nothing)).toEqual([])
  })

  test('more keys than there are indexes for', () => {
    const cache = new Cache<ConfigMap>()
    for (let key = 0; key < 40; key++) {
      cache.put(objectOf({ name: `n${key}`, namespace: 'x', labels: { [`k${key}`]: 'v' } }))
    }
    for (let key = 0; key < 40; key++) {
      expect(names(cache.matching(parseLabelSelector(`k${key}=v`)))).toEqual([`x/n${key}`])
    }
  })
})

describe('waiting', () => {
  test('for a version', async () => {
    const cache = new Cache<ConfigMap>()
    let isReached = false
    const reached = cache.reached('10')?.then(() => {
      isReached = true
    })
    cache.advance('9')
    await Promise.resolve()
    expect(isReached).toBe(false)
    cache.advance('11')
    await reached
    expect(isReached).toBe(true)
    expect(cache.reached('11')).toBeUndefined()
    expect(cache.reached('100')).toBeInstanceOf(Promise)
  })

  test('for an object to go, or to be on its way', async () => {
    const cache = new Cache<ConfigMap>()
    const [a, b] = ['a', 'b'].map((name) => objectOf({ name, namespace: 'x' }))
    cache.put(a!)
    cache.put(b!)
    expect(cache.removed(a!, 'another uid')).toBeUndefined()
    const gone = cache.removed(a!, a!.metadata.uid)
    const leaving = cache.removed(b!, b!.metadata.uid)
    expect(gone).toBeInstanceOf(Promise)
    cache.remove(a!)
    cache.put({ ...b!, metadata: { ...b!.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } })
    cache.advance('2')
    await Promise.all([gone, leaving])
    expect(cache.removed(a!, undefined)).toBeUndefined()
  })
})
