/** The list of the types of volumes, and how the volumes of a pod are set up by it. */
import { join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Volume, VolumeSource } from '#api/parts/core/volume.ts'
import { ClaimError, ephemeral, missingDriver, persistentVolumeClaim } from './claim.ts'
import { configMap } from './config-map.ts'
import { downwardAPI } from './downward-api.ts'
import { emptyDir } from './empty-dir.ts'
import { hostPath } from './host-path.ts'
import { nfs } from './nfs.ts'
import { projected } from './projected.ts'
import { secret } from './secret.ts'
import type { MountableVolume, VolumeParts, VolumeType } from './volume-type.ts'

type Types = {
  readonly [Member in keyof VolumeSource]: VolumeType<NonNullable<VolumeSource[Member]>>
}

const volumeTypes = {
  configMap,
  downwardAPI,
  emptyDir,
  ephemeral,
  hostPath,
  nfs,
  persistentVolumeClaim,
  projected,
  secret,
} satisfies Types

type Member = keyof typeof volumeTypes

const memberOf = (volume: Volume): Member | undefined =>
  (Object.keys(volumeTypes) as Member[]).find((member) => volume[member] !== undefined)

export type SetUp =
  | { readonly type: 'ready'; readonly volume: MountableVolume }
  | { readonly type: 'failed'; readonly message: string; readonly cause: unknown }
  /** Its claim cannot be used. */
  | { readonly type: 'unprocessed'; readonly message: string; readonly cause: unknown }

/** Never throws: what fails is told in upstream's words. */
export async function setUpVolume(
  volume: Volume,
  pod: Pod,
  volumesDirectory: string,
  parts: VolumeParts,
): Promise<SetUp> {
  const { name } = volume
  try {
    const member = memberOf(volume)
    if (!member) throw new Error(unsupported(volume))
    const type = volumeTypes[member] as VolumeType<unknown>
    const directory = join(volumesDirectory, type.folder, name)
    const context = { pod, name, directory, parts }
    return { type: 'ready', volume: await type.setUp(volume[member], context) }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof ClaimError) return { type: 'unprocessed', message, cause: error }
    const text = `MountVolume.SetUp failed for volume "${name}" : ${message}`
    return { type: 'failed', message: text, cause: error }
  }
}

function unsupported({ name: _, csi, ...sources }: Volume): string {
  if (csi) return missingDriver(csi.driver)
  return `volumes of type ${Object.keys(sources)[0]} are not supported by this kubelet`
}

/** Part of the paths of its volumes; undefined for a type that is not supported. */
export function folderOf(volume: Volume): string | undefined {
  const member = memberOf(volume)
  return member && volumeTypes[member].folder
}

export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
}

/** What a volume is made of, and has to be written anew for. */
export function referencesOf(volume: Volume): readonly Reference[] {
  const { configMap: map, secret: hidden, projected: several } = volume
  const single = [
    ...(map?.name ? [configMapNamed(map.name)] : []),
    ...(hidden?.secretName ? [secretNamed(hidden.secretName)] : []),
  ]
  const many = (several?.sources ?? []).flatMap((source) => [
    ...(source.configMap?.name ? [configMapNamed(source.configMap.name)] : []),
    ...(source.secret?.name ? [secretNamed(source.secret.name)] : []),
  ])
  return [...single, ...many]
}

const configMapNamed = (name: string): Reference => ({ kind: 'ConfigMap', name })
const secretNamed = (name: string): Reference => ({ kind: 'Secret', name })

/** Whether the kubelet writes the files of a volume, and may have to write them again. */
export const isWritten = ({
  configMap: map,
  secret: hidden,
  projected: mix,
  downwardAPI: fields,
}: Volume) => Boolean(map ?? hidden ?? mix ?? fields)
