/** Paths below volumes, which their own users may have filled with links that lead elsewhere. */
import { chmod, lstat, mkdir, readlink } from 'node:fs/promises'
import { posix } from 'node:path'
import { isMissing } from './atomic-writer.ts'

/** As the kernel's own limit. */
const LINKS_MAX = 40

export interface Resolved {
  /** Without links, as seen from the root. */
  readonly path: string
  /** The last parts of it that are not there. */
  readonly missing: readonly string[]
}

/**
 * Follows links as if `root` were `/`, whatever they say: none can lead out of it. Empty means the
 * root of this process.
 */
export async function resolveInside(root: string, path: string): Promise<Resolved> {
  const left = path.split('/').filter(Boolean)
  let done = '/'
  let links = 0
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '.') continue
    if (part === '..') {
      done = posix.dirname(done)
      continue
    }
    const next = posix.join(done, part)
    const link = await linkAt(`${root}${next}`)
    if (link === 'missing') {
      const missing = [part, ...left].filter((each) => each !== '.')
      if (missing.includes('..')) throw new Error(`resolve "${path}": steps back from nowhere`)
      return { path: posix.join(done, ...missing), missing }
    }
    if (link === undefined) {
      done = next
      continue
    }
    if (++links > LINKS_MAX) throw new Error(`resolve "${path}": too many levels of links`)
    if (link.startsWith('/')) done = '/'
    left.unshift(...link.split('/').filter(Boolean))
  }
  return { path: done, missing: [] }
}

async function linkAt(path: string): Promise<string | 'missing' | undefined> {
  try {
    const stats = await lstat(path)
    return stats.isSymbolicLink() ? await readlink(path) : undefined
  } catch (error) {
    if (isMissing(error)) return 'missing'
    throw error
  }
}

/**
 * The real path below a volume, made where it is missing, with the mode of the volume. Throws when
 * a link leads out of the volume; the message says nothing about what is there.
 */
export async function pathBelow(root: string, volume: string, subPath: string): Promise<string> {
  const base = await resolveInside(root, volume)
  const below = await resolveInside(root, posix.join(volume, subPath))
  checkInside(below.path, base.path)
  const { mode } = await lstat(`${root}${base.path}`)
  let made = below.missing.length ? parentOf(below) : below.path
  for (const part of below.missing) {
    made = posix.join(made, part)
    await mkdir(`${root}${made}`)
    await chmod(`${root}${made}`, mode & 0o7777)
  }
  // Somebody may have put a link in the way meanwhile.
  const after = await resolveInside(root, below.path)
  checkInside(after.path, base.path)
  return after.path
}

function parentOf({ path, missing }: Resolved): string {
  return path.split('/').slice(0, -missing.length).join('/') || '/'
}

function checkInside(path: string, base: string): void {
  if (path !== base && !path.startsWith(base === '/' ? '/' : `${base}/`)) {
    throw new Error(`path below a volume: leads to "${path}", wanted one inside "${base}"`)
  }
}
