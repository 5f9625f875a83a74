/** The process that gets killed: opens a store, tells what it found, writes, tells what is done. */

import { writeSync } from 'node:fs'
import { systemDisk } from '#apiserver/store/file/disk.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import { systemClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { countOf, newWriters, runWriter } from './crash-workload.ts'

const [directory = '', writerCount = '4'] = process.argv.slice(2)
/** More than a life has time for. */
const TURNS_MAX = 1_000_000
const STDOUT = 1

/**
 * Blocks until the pipe has taken the line, so that it counts even if we die right after it.
 * process.stdout would keep it in our memory when the reader is slow, and it would die with us.
 */
function tell(line: object): void {
  writeSync(STDOUT, `${JSON.stringify(line)}\n`)
}

const store = await openFileStore({
  directory,
  disk: systemDisk,
  clock: systemClock,
  random: systemRandom,
  warn: (message) => tell({ warning: message }),
  limits: { segmentBytes: 100_000, snapshotLogBytes: 200_000 },
})
const writers = newWriters(Number(writerCount))
tell({
  revision: store.revision,
  found: writers.map(({ key, twin }) => {
    const entry = store.get(key)
    const count = countOf(entry)
    const isTorn = countOf(store.get(twin)) !== count || (entry?.labels.count ?? '0') !== `${count}`
    return { revision: entry?.revision ?? 0, count, isTorn }
  }),
})
await Promise.all(
  writers.map((writer, index) => {
    writer.onAcknowledged = ({ revision, count }) => tell({ writer: index, revision, count })
    return runWriter(store, writer, systemRandom, TURNS_MAX)
  }),
)
