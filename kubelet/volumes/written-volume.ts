/** A volume whose files the kubelet writes: atomically, with places for what is mounted inside. */
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import { writeAtomically } from './atomic-writer.ts'
import { giveToGroup, modeForGroup, ownershipOf } from './ownership.ts'
import type { Payload } from './payload.ts'
import type { MountableVolume, VolumeContext } from './volume-type.ts'

const VOLUME_MODE = 0o777
const PLACE_MODE = 0o755

export async function writeVolume(
  payload: Payload,
  { pod, name, directory, parts }: VolumeContext,
): Promise<MountableVolume> {
  const ownership = ownershipOf(pod)
  await mkdir(directory, { recursive: true })
  await chmod(directory, VOLUME_MODE)
  if (ownership) {
    const { mode, uid } = await lstat(directory)
    await chown(directory, uid, ownership.groupId)
    await chmod(directory, modeForGroup(mode, true, true))
  }
  for (const place of placesInside(pod, name)) {
    await mkdir(join(directory, place), { recursive: true, mode: PLACE_MODE })
  }
  await writeAtomically(directory, payload, parts, (written) =>
    giveToGroup(written, ownership && { ...ownership, isDoneByRoot: false }, true),
  )
  return { source: { path: directory }, isReadOnly: true }
}

/**
 * Where containers mount other volumes inside this one: nobody could make those places later, as
 * it is mounted read-only.
 */
export function placesInside({ spec }: Pod, volume: string): readonly string[] {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const places = containers.flatMap(({ volumeMounts = [] }) => {
    const paths = volumeMounts.map(({ mountPath }) => slashed(mountPath))
    return volumeMounts
      .filter(({ name, subPath, subPathExpr }) => name === volume && !subPath && !subPathExpr)
      .flatMap(({ mountPath }) => {
        const root = slashed(mountPath)
        const below = paths.filter((path) => path !== root && path.startsWith(root))
        return below.map((path) => path.slice(root.length, -1))
      })
  })
  return [...new Set(places)].filter((place) => !place.split('/').includes('..')).sort()
}

const slashed = (path: string): string => `${path.replaceAll(/\/+/g, '/').replace(/\/$/, '')}/`
