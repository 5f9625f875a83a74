/** emptyDir: a directory that lives as long as the pod does on this node. */
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { EmptyDirVolumeSource } from '#api/parts/core/volume.ts'
import { quantityValue } from '#api/quantity.ts'
import { podLimits } from '#api/rules/pod-resources.ts'
import { isMissing } from './atomic-writer.ts'
import { giveToGroup, ownershipOf } from './ownership.ts'
import type { VolumeContext, VolumeType } from './volume-type.ts'

const VOLUME_MODE = 0o777

export const emptyDir: VolumeType<EmptyDirVolumeSource> = {
  folder: 'kubernetes.io~empty-dir',
  async setUp(source, context) {
    const { medium = '' } = source
    if (medium.startsWith('HugePages')) {
      throw new Error(`emptyDir with medium "${medium}" is not supported by this kubelet`)
    }
    if (medium === 'Memory') {
      const { allocatable } = context.parts.node()
      const sizeBytes = memorySize(source, context.pod, allocatable.memory)
      return { source: { memoryVolume: context.name }, isReadOnly: false, sizeBytes }
    }
    await makeDirectory(context)
    return { source: { path: context.directory }, isReadOnly: false }
  },
}

/** Its mode and owner are right before it has its name: what exists is done. */
async function makeDirectory({ pod, directory }: VolumeContext): Promise<void> {
  if (await exists(directory)) return
  const beginning = `${directory}.new`
  await rm(beginning, { recursive: true, force: true })
  await mkdir(dirname(directory), { recursive: true })
  await mkdir(beginning)
  await chmod(beginning, VOLUME_MODE)
  await giveToGroup(beginning, ownershipOf(pod), false)
  await rename(beginning, directory)
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

/** No more than the volume, the pod or the node may have; undefined where nothing says so. */
export function memorySize(
  { sizeLimit }: EmptyDirVolumeSource,
  { spec }: Pod,
  allocatable: string | undefined,
): number | undefined {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const isLimited =
    spec.resources?.limits?.memory !== undefined ||
    all.every(({ resources }) => resources.limits?.memory !== undefined)
  const limits = [sizeLimit, isLimited ? podLimits(spec).get('memory') : undefined, allocatable]
  const sizes = limits
    .filter((limit) => limit !== undefined)
    .map((limit) => Number(quantityValue(limit)))
    .filter((size) => size > 0)
  return sizes.length ? Math.min(...sizes) : undefined
}
