/** Directories in which anybody may write: those that pods get for themselves. */
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './atomic-writer.ts'
import { type GroupOwnership, giveToGroup } from './ownership.ts'

const OPEN_MODE = 0o777

/** Its mode and owner are right before it has its name: what exists is done. */
export async function makeOpenDirectory(path: string, ownership?: GroupOwnership): Promise<void> {
  if (await exists(path)) return
  const beginning = `${path}.new`
  await rm(beginning, { recursive: true, force: true })
  await mkdir(dirname(path), { recursive: true })
  await mkdir(beginning)
  await chmod(beginning, OPEN_MODE)
  await giveToGroup(beginning, ownership, false)
  await rename(beginning, path)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
