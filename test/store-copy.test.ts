/** Copies of a store that is written meanwhile. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemDisk } from '#apiserver/store/file/disk.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Store } from '#apiserver/store/store.ts'
import { copyStore } from '#cli/store-copy.ts'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const COPIES = 20
const VALUE = Buffer.alloc(2000, 'x')

const openIn = (directory: string): Promise<Store> =>
  openFileStore({
    directory,
    disk: systemDisk,
    clock: new ManualClock(),
    random: seededRandom(1),
    warn: () => {},
    // So small that segments end, and snapshots replace them, while copies are made.
    limits: { segmentBytes: 16_000, snapshotLogBytes: 40_000 },
  })

test('each copy of a store that is being written is the store as it was at one moment', async () => {
  await using directory = await temporaryDirectory()
  const live = join(directory.path, 'live')
  await using store = await openIn(live)
  let written = 0
  let isOver = false
  const writing = (async () => {
    while (!isOver) {
      await store.create({ key: `/k/${String(written + 1).padStart(8, '0')}`, value: VALUE })
      written++
    }
  })()
  for (let number = 0; number < COPIES; number++) {
    const before = written
    const target = join(directory.path, `copy-${number}`)
    await copyStore(live, target)
    await using copy = await openIn(target)
    const keys = copy.list('/k/').entries.map(({ key }) => Number(key.slice('/k/'.length)))
    expect(keys).toEqual(Array.from({ length: keys.length }, (_, index) => index + 1))
    expect(keys.length).toBeGreaterThanOrEqual(before)
  }
  isOver = true
  await writing
})
