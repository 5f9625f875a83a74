/** hostPath: a file or directory of the node, checked or made as its type says. */

import type { Stats } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HostPathVolumeSource } from '#api/parts/core/volume.ts'
import { isMissing } from './atomic-writer.ts'
import { resolveInside } from './sub-path.ts'
import type { VolumeType } from './volume-type.ts'

const DIRECTORY_MODE = 0o755
const FILE_MODE = 0o644

export const hostPath: VolumeType<HostPathVolumeSource> = {
  folder: 'kubernetes.io~host-path',
  async setUp({ path, type = '' }, { parts }) {
    await checkHostPath(path, type, parts.nodeRoot)
    return { source: { path }, isReadOnly: false, isOfNode: true }
  },
}

type PathType = HostPathVolumeSource['type'] & string

export async function checkHostPath(path: string, type: PathType, root: string): Promise<void> {
  const { path: real } = await resolveInside(root, path)
  const seen = `${root}${real}`
  let stats = await statsOf(seen)
  if (!stats && (type === 'DirectoryOrCreate' || type === '')) {
    // Container runtimes make what is missing a directory, where nothing is said about it.
    await mkdir(seen, { recursive: true, mode: DIRECTORY_MODE })
    stats = await stat(seen)
  }
  if (!stats && type === 'FileOrCreate') {
    await mkdir(dirname(seen), { recursive: true, mode: DIRECTORY_MODE })
    await (await open(seen, 'a', FILE_MODE)).close()
    stats = await stat(seen)
  }
  const check = checks[type]
  if (check && !(stats && check.test(stats))) {
    throw new Error(`hostPath type check failed: ${path} is not a ${check.name}`)
  }
}

const directory = { name: 'directory', test: (stats: Stats) => stats.isDirectory() }
const file = { name: 'file', test: (stats: Stats) => stats.isFile() }

const checks: Readonly<
  Partial<Record<PathType, { readonly name: string; test(stats: Stats): boolean }>>
> = {
  DirectoryOrCreate: directory,
  Directory: directory,
  FileOrCreate: file,
  File: file,
  Socket: { name: 'socket file', test: (stats) => stats.isSocket() },
  CharDevice: { name: 'character device', test: (stats) => stats.isCharacterDevice() },
  BlockDevice: { name: 'block device', test: (stats) => stats.isBlockDevice() },
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
