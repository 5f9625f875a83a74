/** configMap: the entries of a ConfigMap as files, which follow its changes. */
import type { ConfigMapVolumeSource } from '#api/parts/core/projected-volume.ts'
import { configMapPayload, type Payload, type Selection } from './payload.ts'
import type { VolumeContext, VolumeType } from './volume-type.ts'
import { writeVolume } from './written-volume.ts'

export const configMap: VolumeType<ConfigMapVolumeSource> = {
  folder: 'kubernetes.io~configmap',
  async setUp({ name, items, defaultMode, optional }, context) {
    const selection = { items, mode: defaultMode ?? 0o644, isOptional: optional ?? false }
    return writeVolume(await payloadOfConfigMap(name ?? '', selection, context), context)
  },
}

export async function payloadOfConfigMap(
  name: string,
  selection: Selection,
  { pod, parts }: VolumeContext,
): Promise<Payload> {
  const found = await parts.sources.configMap(pod.metadata.namespace!, name)
  if (found) return configMapPayload(found, selection)
  if (selection.isOptional) return new Map()
  throw new Error(`configmap "${name}" not found`)
}
