/** The volumes of a pod that have files of their own on the node, and where. */
import { join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import { folderOf } from '../volumes/set-up.ts'

export interface VolumePlace {
  readonly name: string
  readonly directory: string
  readonly claim?: { readonly name: string; readonly namespace: string }
}

/** Volumes in memory count as memory, and paths of the node as the node's. */
export function volumePlaces({ metadata, spec }: Pod, directory: string): readonly VolumePlace[] {
  return (spec.volumes ?? []).flatMap((volume) => {
    const { name, emptyDir, hostPath, persistentVolumeClaim, ephemeral } = volume
    const folder = folderOf(volume)
    if (!folder || hostPath || emptyDir?.medium === 'Memory') return []
    const claimName = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`)
    const claim = claimName && { name: claimName, namespace: metadata.namespace ?? '' }
    return [{ name, directory: join(directory, folder, name), ...(claim && { claim }) }]
  })
}
