/** Waits for a file that somebody else writes. */
import { mkdir, stat, watch } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function fileThere(path: string, signal: AbortSignal): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const changes = watch(directory, { signal })
  // Looked for after the watch has begun, so that it cannot slip in between.
  const next = changes[Symbol.asyncIterator]()
  let change = next.next()
  while (!(await isThere(path))) {
    await change
    change = next.next()
  }
  change.catch(() => undefined)
  await next.return?.()
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
