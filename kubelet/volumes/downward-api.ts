/** downwardAPI: fields of the pod as files, which follow its labels and annotations. */
import type { DownwardAPIVolumeSource } from '#api/parts/core/projected-volume.ts'
import { downwardPayload } from './payload.ts'
import type { VolumeType } from './volume-type.ts'
import { writeVolume } from './written-volume.ts'

export const downwardAPI: VolumeType<DownwardAPIVolumeSource> = {
  folder: 'kubernetes.io~downward-api',
  async setUp({ items, defaultMode }, context) {
    const { pod, parts } = context
    const payload = downwardPayload(items ?? [], defaultMode ?? 0o644, pod, parts.node())
    return writeVolume(payload, context)
  },
}
