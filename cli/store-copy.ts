/**
 * Copies the store of an API server while it runs. Its files only grow, and what replaces them
 * comes first (docs/storage-format.md): a copy made from the oldest file to the newest is the
 * store as it was at one moment. A last record that is torn is cut off by the next start.
 */
import { constants, copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const STORE_FILE = /^(?:snapshot|log)-\d{10}$/
/** Each attempt is spoilt only by a snapshot that ends just then. */
const ATTEMPTS_MAX = 10

export async function copyStore(source: string, target: string): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(target, { recursive: true, mode: 0o700 })
    const names = storeFiles(await readdir(source))
    try {
      // FICLONE: at once, where the file system can share blocks.
      for (const name of names) {
        await copyFile(join(source, name), join(target, name), constants.COPYFILE_FICLONE)
      }
      return names
    } catch (error) {
      const isReplaced = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!isReplaced || attempt === ATTEMPTS_MAX) throw error
      await rm(target, { recursive: true })
    }
  }
}

/** Pure: the newest snapshot and the segments behind it, oldest first. */
export function storeFiles(names: readonly string[]): readonly string[] {
  const known = names.filter((name) => STORE_FILE.test(name))
  const ofKind = (kind: string): string[] =>
    known.filter((name) => name.startsWith(kind)).toSorted()
  const snapshot = ofKind('snapshot-').at(-1)
  const first = snapshot?.replace('snapshot', 'log') ?? ''
  return [...(snapshot ? [snapshot] : []), ...ofKind('log-').filter((name) => name >= first)]
}
