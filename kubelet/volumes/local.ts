/** local: a directory or block device of one node, which a persistent volume stands for. */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { LocalVolumeSource } from '#api/parts/core/persistent-volume-sources.ts'
import { isMissing } from './atomic-writer.ts'
import { giveToGroup, ownershipOf } from './ownership.ts'
import { resolveInside } from './sub-path.ts'
import type { MountableVolume, VolumeContext } from './volume-type.ts'

export async function setUpLocal(
  { path }: LocalVolumeSource,
  mode: 'Filesystem' | 'Block',
  isReadOnly: boolean,
  { pod, parts: { nodeRoot } }: VolumeContext,
): Promise<MountableVolume> {
  const real = await resolveInside(nodeRoot, path)
  const seen = `${nodeRoot}${real.path}`
  const stats = await statsOf(seen, path)
  if (mode === 'Block') {
    if (!stats.isBlockDevice()) throw new Error(`path "${path}" is not a block device`)
    return { source: { path }, isReadOnly, isOfNode: true, device: real.path }
  }
  if (!stats.isDirectory()) {
    throw new Error(`path "${path}" is not a directory, and this kubelet mounts no block devices`)
  }
  if (!isReadOnly) await giveToGroup(seen, ownershipOf(pod), false)
  return { source: { path }, isReadOnly, isOfNode: true }
}

async function statsOf(seen: string, path: string): Promise<Stats> {
  try {
    return await stat(seen)
  } catch (error) {
    if (isMissing(error)) throw new Error(`path "${path}" does not exist`)
    throw error
  }
}
