/** Writers whose every step can be accounted for after a crash. */

import type { Entry, Store } from '#apiserver/store/store.ts'
import { isStoreError } from '#apiserver/store/store-error.ts'
import type { Random } from '#daemon/random.ts'

/** One version that a writer was told is committed. */
export interface Acknowledged {
  readonly revision: number
  readonly count: number
  readonly relaxed: boolean
}

export interface WriterState {
  readonly key: string
  readonly twin: string
  /** In order; what a crash took back is removed when its loss is found to be allowed. */
  acknowledged: Acknowledged[]
  onAcknowledged?: (one: Acknowledged) => void
}

export function newWriters(count: number): WriterState[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `/w/${index}/one`,
    twin: `/w/${index}/two`,
    acknowledged: [],
  }))
}

/** Counts up in two keys at once, until `turns` are done or the store refuses. */
export async function runWriter(
  store: Store,
  writer: WriterState,
  random: Random,
  turns: number,
): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const count = countOf(store.get(writer.key)) + 1
    const value = Buffer.from(`${count} ${'.'.repeat(random.below(200))}`)
    const relaxed = random.below(3) === 0
    const steps = [writer.key, writer.twin].map((key) => {
      const expected = store.get(key)?.revision ?? 0
      return {
        type: 'put',
        draft: { key, value, labels: { count: `${count}` } },
        expected,
      } as const
    })
    try {
      const [change] = await store.transact(steps, { relaxed })
      const one = { revision: change?.revision ?? 0, count, relaxed }
      writer.acknowledged.push(one)
      writer.onAcknowledged?.(one)
    } catch (error) {
      if (!isStoreError(error, 'ReadOnly')) throw error
      return
    }
  }
}

export function countOf(entry: Entry | undefined): number {
  return entry ? Number(entry.value.toString().split(' ')[0]) : 0
}

/**
 * Compares what a restart found with what was acknowledged. `revision` is how far the log reached;
 * only relaxed writes may be missing, only from the end, and only where `mayLoseRelaxed`. Returns
 * what is wrong.
 */
export function verdict(
  store: Store,
  writers: readonly WriterState[],
  revision: number,
  mayLoseRelaxed: boolean,
): string[] {
  const wrong: string[] = []
  for (const writer of writers) {
    const lost = writer.acknowledged.filter((one) => one.revision > revision)
    for (const one of lost) {
      if (!one.relaxed || !mayLoseRelaxed) wrong.push(`${writer.key}: lost ${one.count}`)
    }
    const kept = writer.acknowledged.filter((one) => one.revision <= revision)
    const last = kept.at(-1)
    const found = store.get(writer.key)
    const count = countOf(found)
    if (countOf(store.get(writer.twin)) !== count) wrong.push(`${writer.key}: half a transaction`)
    if (found && found.labels.count !== `${count}`) wrong.push(`${writer.key}: foreign labels`)
    const isLast = count === (last?.count ?? 0) && found?.revision === last?.revision
    // The write under way when the crash came may have happened too, but no other.
    const under = (writer.acknowledged.at(-1)?.count ?? 0) + 1
    const isUnderWay = lost.length === 0 && count === under && (found?.revision ?? 0) <= revision
    if (!isLast && !isUnderWay) {
      wrong.push(`${writer.key}: found ${count}, acknowledged ${last?.count ?? 0}`)
    }
    writer.acknowledged = kept
    if (isUnderWay && found) {
      writer.acknowledged.push({ revision: found.revision, count, relaxed: false })
    }
  }
  return wrong
}
