/** Opens the store that keeps its log in files. */
import { openStore, type StoreOptions } from '../logged-store.ts'
import type { Store } from '../store.ts'
import { FileLog, type FileLogOptions } from './file-log.ts'

export function openFileStore(options: FileLogOptions & StoreOptions): Promise<Store> {
  return openStore(new FileLog(options), options)
}
