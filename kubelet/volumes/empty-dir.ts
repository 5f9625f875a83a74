/** emptyDir: a directory that lives as long as the pod does on this node. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { EmptyDirVolumeSource } from '#api/parts/core/volume.ts'
import { quantityValue } from '#api/quantity.ts'
import { podLimits } from '#api/rules/pod-resources.ts'
import { makeOpenDirectory } from './open-directory.ts'
import { ownershipOf } from './ownership.ts'
import type { VolumeType } from './volume-type.ts'

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
    await makeOpenDirectory(context.directory, ownershipOf(context.pod))
    return { source: { path: context.directory }, isReadOnly: false }
  },
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
