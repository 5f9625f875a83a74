/** A certificate with its key in files that somebody else renews: followed without polling. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Log } from '#daemon/log.ts'
import type { KeyPair } from './pki.ts'

/** Where they are. */
export interface PairFiles {
  readonly cert: string
  readonly key: string
}

/** Throws when the two do not belong together. */
export async function readPair(files: PairFiles): Promise<KeyPair> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`read certificate: "${files.cert}" does not belong to the key "${files.key}"`)
  }
  return { cert, key }
}

/**
 * Gives every new pair to `use`. Folders are watched rather than files, since those are mostly
 * replaced; a pair that does not fit, as between the two replacements, leaves the old one in use.
 */
export function followPair(
  files: PairFiles,
  inUse: Pick<KeyPair, 'cert'>,
  log: Log,
  use: (pair: KeyPair) => void,
): Disposable {
  let present = inUse.cert
  let state: 'idle' | 'reading' | 'outdated' = 'idle'
  const read = async (): Promise<void> => {
    try {
      const pair = await readPair(files)
      if (pair.cert === present) return
      use(pair)
      present = pair.cert
      log.info('read a new certificate', { file: files.cert })
    } catch (error) {
      log.warn('the certificate was not read anew', { file: files.cert, error })
    }
  }
  const refresh = async (): Promise<void> => {
    if (state !== 'idle') {
      state = 'outdated'
      return
    }
    do {
      state = 'reading'
      await read()
    } while ((state as string) === 'outdated')
    state = 'idle'
  }
  const folders = new Set([path.dirname(files.cert), path.dirname(files.key)])
  const watchers = [...folders].map((folder) =>
    watch(folder, { persistent: false }, () => void refresh()).on('error', (error) =>
      log.error('certificates are not followed any more', { folder, error }),
    ),
  )
  // What changed before the watch began is seen now.
  void refresh()
  return {
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.close()
    },
  }
}
