/** Reads a file that grows, and the one that takes its place when it has become too long. */
import { type FileHandle, open, stat, watch } from 'node:fs/promises'
import { dirname } from 'node:path'

const CHUNK_BYTES = 64 * 1024

/** Everything in the file, then what is added, until the signal is aborted. */
export async function* followFile(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  // The directory, as another file may come under that name; before the first look.
  const changes = watch(dirname(path), { signal })[Symbol.asyncIterator]()
  let file = await open(path)
  try {
    while (!signal.aborted) {
      yield* rest(file)
      const next = await successor(path, file)
      if (next) {
        // What was written between the last look and the renaming.
        yield* rest(file)
        await file.close()
        file = next
        continue
      }
      const isOver = await changes.next().then(
        ({ done }) => done === true,
        (error) => {
          if (signal.aborted) return true
          throw error
        },
      )
      if (isOver) return
    }
  } finally {
    await file.close()
    await changes.return?.()
  }
}

async function* rest(file: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

async function successor(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  const [present, own] = await Promise.all([
    stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    }),
    file.stat(),
  ])
  return present && present.ino !== own.ino ? open(path) : undefined
}
