/** The file driver keeps the promises, on a real directory. */
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import type { StoreSubject } from '../promises/subject.ts'
import { storePromises } from '../promises.ts'
import { systemDisk } from './disk.ts'
import { openFileStore } from './open-file-store.ts'

storePromises('the file driver', async (): Promise<StoreSubject> => {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'nanokube-store-'))
  const clock = new ManualClock()
  const random = seededRandom(1)
  return {
    clock,
    open: (history = {}) =>
      openFileStore({ directory, disk: systemDisk, clock, random, warn: () => {}, history }),
    [Symbol.asyncDispose]: () => fs.rm(directory, { recursive: true }),
  }
})
