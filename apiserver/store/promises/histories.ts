/** Random concurrent histories, checked against a model made of nothing but the changes seen. */
import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '#daemon/random.ts'
import type { Change, Entry, Store } from '../store.ts'
import { isStoreError, type StoreError } from '../store-error.ts'
import { draft, Recorder, type StoreSubjectFactory, textOf } from './subject.ts'

const WRITERS = 6
const TURNS = 40
const KEYS = 5

interface Outcome {
  readonly acknowledged: readonly Change[]
  readonly refused: readonly { error: StoreError; from: number; to: number }[]
}

export function describeHistories(factory: StoreSubjectFactory): void {
  describe('random histories agree with the model', () => {
    test.for([1, 2, 3, 4, 5, 6, 7, 8])('seed %i', async (seed) => {
      await using subject = await factory()
      await using store = await subject.open()
      const seen = new Recorder(store, { prefix: '/', after: store.revision })
      const outcomes = await Promise.all(
        Array.from({ length: WRITERS }, (_, writer) =>
          write(store, seededRandom(seed * 100 + writer), `${seed}-${writer}`),
        ),
      )
      const acknowledged = outcomes.flatMap((outcome) => outcome.acknowledged)
      expect(new Set(seen.changes)).toEqual(new Set(acknowledged))
      expect(seen.changes).toHaveLength(acknowledged.length)
      const states = checkReads(store, seen.changes)
      for (const refusal of outcomes.flatMap(({ refused }) => refused)) {
        expect(couldHaveFound(states, refusal)).toBe(true)
      }
      await store[Symbol.asyncDispose]()
      await using again = await subject.open()
      expect(stateOf(again.list('/k/').entries)).toEqual(states.at(-1))
    })
  })
}

async function write(store: Store, random: Random, name: string): Promise<Outcome> {
  const acknowledged: Change[] = []
  const refused: { error: StoreError; from: number; to: number }[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const from = store.revision
    try {
      acknowledged.push(...(await writeOnce(store, random, `${name}-${turn}`)))
    } catch (error) {
      if (!isStoreError(error, 'Conflict', 'KeyExists', 'KeyNotFound')) throw error
      refused.push({ error, from, to: store.revision })
    }
    if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { acknowledged, refused }
}

async function writeOnce(store: Store, random: Random, text: string): Promise<readonly Change[]> {
  const key = () => `/k/${random.below(KEYS)}`
  const one = key()
  const other = key()
  const options = { relaxed: random.below(2) === 0 }
  const expected = store.get(one)?.revision ?? 0
  const put = { type: 'put', draft: draft(one, text), expected } as const
  switch (random.below(4)) {
    case 0:
      return store.transact([{ type: 'put', draft: draft(one, text), expected: 0 }], options)
    case 1:
      return [await store.delete(one, expected || undefined, options)]
    case 2:
      if (one === other) return store.transact([put], options)
      return store.transact([put, { type: 'put', draft: draft(other, text) }], options)
    default:
      return store.transact([put], options)
  }
}

type State = Readonly<Record<string, string>>

/** Replays the changes and compares every revision with what the store says it was. */
function checkReads(store: Store, changes: readonly Change[]): State[] {
  const states: State[] = []
  let state: Record<string, string> = {}
  let next = 0
  for (let revision = 1; revision <= store.revision; revision++) {
    for (; changes[next]?.revision === revision; next++) {
      const { key, entry, previous, type } = changes[next] as Change
      expect(previous ? `${previous.revision} ${textOf(previous)}` : undefined).toBe(state[key])
      expect(type).toBe(entry ? (previous ? 'updated' : 'created') : 'deleted')
      const { [key]: _, ...rest } = state
      state = entry ? { ...rest, [key]: `${entry.revision} ${textOf(entry)}` } : rest
    }
    states[revision] = state
    expect(stateOf(store.list('/k/', { revision }).entries)).toEqual(state)
  }
  expect(next).toBe(changes.length)
  return states
}

function stateOf(entries: readonly Entry[]): State {
  return Object.fromEntries(
    entries.map((entry) => [entry.key, `${entry.revision} ${textOf(entry)}`]),
  )
}

/** Whether the key was, at some moment of the call, at the revision that the refusal names. */
function couldHaveFound(
  states: readonly State[],
  { error, from, to }: { error: StoreError; from: number; to: number },
): boolean {
  const { key = '', found } = error.details
  return states
    .slice(from, to + 1)
    .some((state) => Number(state[key]?.split(' ')[0] ?? 0) === found)
}
