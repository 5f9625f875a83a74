/**
 * Keeps a second process out of a data directory.
 *
 * The lock is the kernel's own record lock, taken through SQLite on an empty database file, because
 * Node offers no such call itself. It ends with the process however that dies, needs no process ids
 * (which repeat, and differ between containers), and holds across containers that share the volume.
 */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'

const LOCK_FILE = 'LOCK'
/** SQLite's result code for a lock that somebody else holds. */
const SQLITE_BUSY = 5

export function lockDirectory(directory: string): Disposable {
  const file = path.join(directory, LOCK_FILE)
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Without a journal the transaction leaves nothing on disk: only its lock is wanted.
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    const message = `open store: "${directory}" is in use by another process, wanted it unused`
    throw new StoreError('Locked', message, { file: directory }, error)
  }
  return { [Symbol.dispose]: () => database.close() }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
