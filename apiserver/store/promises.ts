/** What every store driver must hold to, as a test suite that is given the driver. */
import { describe } from 'vitest'
import { describeHistories } from './promises/histories.ts'
import { describeNamedPromises } from './promises/named.ts'
import { describeReads } from './promises/reads.ts'
import type { StoreSubjectFactory } from './promises/subject.ts'
import { describeWatches } from './promises/watches.ts'
import { describeWrites } from './promises/writes.ts'

export function storePromises(name: string, factory: StoreSubjectFactory): void {
  describe(`${name} keeps the promises of a store`, () => {
    describeNamedPromises(factory)
    describeWrites(factory)
    describeReads(factory)
    describeWatches(factory)
    describeHistories(factory)
  })
}
