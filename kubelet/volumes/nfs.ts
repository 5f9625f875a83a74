/** nfs: a directory of an NFS server, mounted by the tools of the node. */
import { mkdir, rmdir } from 'node:fs/promises'
import type { NFSVolumeSource } from '#api/parts/core/network-volumes.ts'
import { mountsBelow } from './mount-table.ts'
import type { MountableVolume, VolumeContext, VolumeType } from './volume-type.ts'

export const nfs: VolumeType<NFSVolumeSource> = {
  folder: 'kubernetes.io~nfs',
  setUp: (source, context) => mountNfs(source, [], context),
}

export async function mountNfs(
  { server, path, readOnly }: NFSVolumeSource,
  mountOptions: readonly string[],
  { directory, parts: { mounter } }: VolumeContext,
): Promise<MountableVolume> {
  const mountable = { source: { path: directory }, isReadOnly: readOnly ?? false }
  if (mountsBelow(await mounter.mountPoints(), directory).length > 0) return mountable
  await mkdir(directory, { recursive: true })
  const host = server.includes(':') && !server.startsWith('[') ? `[${server}]` : server
  const options = [...mountOptions, ...(readOnly ? ['ro'] : [])]
  try {
    await mounter.mount({ type: 'nfs', source: `${host}:${path}`, directory, options })
  } catch (error) {
    await rmdir(directory)
    throw error
  }
  return mountable
}
