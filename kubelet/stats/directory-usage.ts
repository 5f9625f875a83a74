/** How much the files below a directory take. */
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../volumes/atomic-writer.ts'

export interface DirectoryUsage {
  readonly usedBytes: number
  readonly inodesUsed: number
}

const BLOCK_BYTES = 512

/** Files with several names count once; other file systems that are mounted below do not count. */
export async function directoryUsage(path: string): Promise<DirectoryUsage> {
  const root = await statsOf(path)
  if (!root) return { usedBytes: 0, inodesUsed: 0 }
  const seen = new Set<number>()
  let usedBytes = 0
  const waiting = [{ path, stats: root }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { stats } = next
    if (stats.dev !== root.dev || seen.has(stats.ino)) continue
    seen.add(stats.ino)
    usedBytes += stats.blocks * BLOCK_BYTES
    if (!stats.isDirectory()) continue
    for (const name of await namesIn(next.path)) {
      const below = join(next.path, name)
      const found = await statsOf(below)
      if (found) waiting.push({ path: below, stats: found })
    }
  }
  return { usedBytes, inodesUsed: seen.size }
}

/** What goes away while we look does not count. */
async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
