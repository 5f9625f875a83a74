/** Gives the files of a volume to the group of their pod (`fsGroup`). */

import type { Stats } from 'node:fs'
import { chmod, lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'

export interface GroupOwnership {
  readonly groupId: number
  /** Whether a root that is right already says that everything below it is. */
  readonly isDoneByRoot: boolean
}

export function ownershipOf({ spec }: Pod): GroupOwnership | undefined {
  const { fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {}
  if (fsGroup === undefined) return undefined
  return { groupId: fsGroup, isDoneByRoot: fsGroupChangePolicy === 'OnRootMismatch' }
}

const READ_WRITE = 0o660
const READ_ONLY = 0o440
const EXECUTE = 0o110
const SET_GROUP_ID = 0o2000
const PERMISSIONS = 0o7777

/** The mode of a file that its group shall be able to use. */
export function modeForGroup(mode: number, isDirectory: boolean, isReadOnly: boolean): number {
  const mask = isReadOnly ? READ_ONLY : READ_WRITE
  return (mode & PERMISSIONS) | mask | (isDirectory ? SET_GROUP_ID | EXECUTE : 0)
}

/** Changes nothing without a group. Links are given away themselves, not what they lead to. */
export async function giveToGroup(
  directory: string,
  ownership: GroupOwnership | undefined,
  isReadOnly: boolean,
): Promise<void> {
  if (!ownership) return
  const { groupId, isDoneByRoot } = ownership
  const root = await lstat(directory)
  if (isDoneByRoot && isRight(root, groupId, isReadOnly)) return
  await giveTree(directory, root, groupId, isReadOnly)
}

function isRight({ gid, mode }: Stats, groupId: number, isReadOnly: boolean): boolean {
  return gid === groupId && (mode & PERMISSIONS) === modeForGroup(mode, true, isReadOnly)
}

/** Children first: a root that is right promises that everything below is. */
async function giveTree(
  path: string,
  stats: Stats,
  groupId: number,
  isReadOnly: boolean,
): Promise<void> {
  if (stats.isDirectory()) {
    for (const name of await readdir(path)) {
      const below = join(path, name)
      await giveTree(below, await lstat(below), groupId, isReadOnly)
    }
  }
  if (stats.gid !== groupId) await lchown(path, stats.uid, groupId)
  if (stats.isSymbolicLink()) return
  const mode = modeForGroup(stats.mode, stats.isDirectory(), isReadOnly)
  // Giving a file away takes its set-id bits, so that the mode is set in any case.
  await chmod(path, mode)
}
