/** Waits for a file that somebody else writes. */
import { mkdir, stat, watch } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function fileThere(path: string, signal: AbortSignal): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const ending = new AbortController()
  const changes = watch(directory, { signal: AbortSignal.any([signal, ending.signal]) })
  // The first look comes after the watch has begun, so that the file cannot slip in between.
  const following = changes[Symbol.asyncIterator]()
  const begin = (): Promise<unknown> => {
    const change = following.next()
    // Nobody waits for the last one: it fails when the watch is ended.
    change.catch(() => undefined)
    return change
  }
  try {
    for (let change = begin(); !(await isThere(path)); change = begin()) await change
  } finally {
    ending.abort()
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
