/** secret: the entries of a Secret as files, which follow its changes. */
import type { SecretVolumeSource } from '#api/parts/core/projected-volume.ts'
import { type Payload, type Selection, secretPayload } from './payload.ts'
import type { VolumeContext, VolumeType } from './volume-type.ts'
import { writeVolume } from './written-volume.ts'

export const secret: VolumeType<SecretVolumeSource> = {
  folder: 'kubernetes.io~secret',
  async setUp({ secretName, items, defaultMode, optional }, context) {
    const selection = { items, mode: defaultMode ?? 0o644, isOptional: optional ?? false }
    return writeVolume(await payloadOfSecret(secretName ?? '', selection, context), context)
  },
}

export async function payloadOfSecret(
  name: string,
  selection: Selection,
  { pod, parts }: VolumeContext,
): Promise<Payload> {
  const found = await parts.sources.secret(pod.metadata.namespace!, name)
  if (found) return secretPayload(found, selection)
  if (selection.isOptional) return new Map()
  throw new Error(`secret "${name}" not found`)
}
