/**
 * Keeps two commands from changing one cluster at once: the second waits until the first is done.
 *
 * The lock is the kernel's own, taken through SQLite on an empty file, so that it goes with the
 * process however that ends.
 */
import { mkdir, stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type { ClusterFiles } from './cluster-files.ts'
import { type CommandContext, CommandError } from './command.ts'

/** Nothing tells when somebody else lets go. */
const LOOK_AGAIN_MS = 50
const WAIT_MAX_MS = 120_000
/** SQLite's result codes for a lock of somebody else, and for a file removed meanwhile. */
const SQLITE_BUSY = 5

/** Letting go twice is letting go. */
export async function lockCluster(
  files: ClusterFiles,
  { clock, signal, progress }: Pick<CommandContext, 'clock' | 'signal' | 'progress'>,
): Promise<Disposable> {
  const endsAt = clock.monotonic() + WAIT_MAX_MS
  for (let isFirst = true; ; isFirst = false) {
    await mkdir(files.directory, { recursive: true, mode: 0o700 })
    const before = await inodeOf(files.lock)
    const lock = tryLock(files.lock)
    // Who removed the cluster removed the file too, and the next one locks another file.
    if (lock && (before === undefined || (await inodeOf(files.lock)) === before)) {
      if (before !== undefined) return lock
      lock[Symbol.dispose]()
      continue
    }
    lock?.[Symbol.dispose]()
    if (isFirst) progress.advise('Another command is changing this cluster: waiting for it.')
    if (clock.monotonic() > endsAt) {
      throw new CommandError(
        `cluster in ${files.directory}: another command has been changing it for ` +
          `${WAIT_MAX_MS / 1000} s`,
      )
    }
    await clock.sleep(LOOK_AGAIN_MS, signal)
  }
}

function tryLock(path: string): Disposable | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { readonly errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw error
  }
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close()
    },
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
