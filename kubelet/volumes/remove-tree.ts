/** Takes a directory of ours away, and nothing that only seems to lie in it. */
import { rm } from 'node:fs/promises'
import { mountsBelow } from './mount-table.ts'
import type { Mounter } from './mounter.ts'

/**
 * What is mounted below is taken off first; where that fails nothing is removed, since the files
 * of a mount are somebody else's. Links are removed, and never followed.
 */
export async function removeTree(
  directory: string,
  mounter: Pick<Mounter, 'unmount' | 'mountPoints'>,
): Promise<void> {
  for (const point of mountsBelow(await mounter.mountPoints(), directory)) {
    await mounter.unmount(point)
  }
  const [left] = mountsBelow(await mounter.mountPoints(), directory)
  if (left !== undefined) {
    throw new Error(`remove "${directory}": "${left}" is still mounted, wanted nothing below it`)
  }
  await rm(directory, { recursive: true, force: true })
}
