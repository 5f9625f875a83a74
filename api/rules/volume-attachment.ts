/** Attachments of volumes: one volume each, and a driver that can be one. */
import { dnsSubdomainName } from '../names.ts'
import type { PersistentVolumeSpec } from '../parts/core/persistent-volume.ts'
import type { Path, Problems } from '../problems.ts'
import { checkInlineVolumeSpec } from './persistent-volume.ts'
import { checkCsiDriverName } from './volume-sources.ts'

interface Source {
  readonly persistentVolumeName?: string
  readonly inlineVolumeSpec?: PersistentVolumeSpec
}

interface Spec {
  readonly attacher: string
  readonly source: Source
  readonly nodeName: string
}

export function checkSource(source: Source, at: Path, problems: Problems): void {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source
  const rule = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (name === undefined && !inline) problems.required(at, rule)
  else if (name !== undefined && inline) problems.forbidden(at, rule)
  else if (name === '') {
    const detail = 'must specify non empty persistentVolumeName'
    problems.required(at.child('persistentVolumeName'), detail)
  } else if (inline) checkInlineVolumeSpec(inline, at.child('inlineVolumeSpec'), problems)
}

/** Rules that came with v1, so that upstream checks them after all others. */
export function checkAttacher({ attacher, source }: Spec, at: Path, problems: Problems): void {
  checkCsiDriverName(attacher, at.child('attacher'), problems)
  const { persistentVolumeName: name } = source
  if (name === undefined) return
  const place = at.child('source').child('persistentVolumeName')
  for (const message of dnsSubdomainName(name)) problems.invalid(place, name, message)
}

/** As upstream prints its internal type, whose fields have no JSON names. */
export function goShaped({ attacher, source, nodeName }: Spec): object {
  return {
    Attacher: attacher,
    Source: {
      PersistentVolumeName: source.persistentVolumeName ?? null,
      InlineVolumeSpec: source.inlineVolumeSpec ?? null,
    },
    NodeName: nodeName,
  }
}
