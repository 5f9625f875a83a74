/** Changes of persistent volumes: the storage behind one stays the same, and so does its mode. */
import { isDeepStrictEqual } from 'node:util'
import type { NodeSelectorTerm } from '../parts/core/node-selector.ts'
import {
  type PersistentVolumeSpec,
  persistentVolumeSource,
} from '../parts/core/persistent-volume.ts'
import type { Path, Problems } from '../problems.ts'
import { immutableMessage } from '../validate-update.ts'
import { changeText } from './change-text.ts'

const sourceNames = Object.keys(persistentVolumeSource.fields)

export function checkVolumeChange(
  next: PersistentVolumeSpec,
  previous: PersistentVolumeSpec,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('spec')
  const [before, after] = [sourceOf(previous), sourceOf(withoutNewSecret(next, previous))]
  if (!isDeepStrictEqual(before, after)) {
    const difference = changeText('core.PersistentVolumeSource', before, after)
    const detail = `spec.persistentvolumesource is immutable after creation\n${difference}`
    problems.forbidden(place.child('persistentvolumesource'), detail)
  }
  // Upstream leaves `spec` out of the next two paths.
  if (next.volumeMode !== previous.volumeMode) {
    problems.invalid(at.child('volumeMode'), next.volumeMode, immutableMessage)
  }
  if (previous.nodeAffinity && !isSameAffinity(next, previous)) {
    const detail = `${immutableMessage}, except for updating from beta label to GA`
    problems.invalid(at.child('nodeAffinity'), next.nodeAffinity ?? null, detail)
  }
  if (previous.volumeAttributesClassName !== undefined) {
    if (next.volumeAttributesClassName !== undefined) return
    const detail = 'update from non-nil value to nil is forbidden'
    problems.forbidden(place.child('volumeAttributesClassName'), detail)
  }
}

function sourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  const entries = Object.entries(spec)
  return Object.fromEntries(entries.filter(([name]) => sourceNames.includes(name)))
}

/** The secret for growing a volume may be added later, since it is younger than volumes may be. */
function withoutNewSecret(
  next: PersistentVolumeSpec,
  previous: PersistentVolumeSpec,
): PersistentVolumeSpec {
  if (!next.csi?.controllerExpandSecretRef || !previous.csi) return next
  if (previous.csi.controllerExpandSecretRef) return next
  const { controllerExpandSecretRef: _, ...csi } = next.csi
  return { ...next, csi }
}

const stableLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

function isSameAffinity(next: PersistentVolumeSpec, previous: PersistentVolumeSpec): boolean {
  const after = next.nodeAffinity?.required?.nodeSelectorTerms
  const before = previous.nodeAffinity?.required?.nodeSelectorTerms
  if (!after || !before) return isDeepStrictEqual(next.nodeAffinity, previous.nodeAffinity)
  return (
    after.length === before.length &&
    after.every((term, position) => isSameTerm(term, before[position]!))
  )
}

function isSameTerm(next: NodeSelectorTerm, previous: NodeSelectorTerm): boolean {
  return (['matchExpressions', 'matchFields'] as const).every((name) => {
    const [after, before] = [next[name] ?? [], previous[name] ?? []]
    return (
      after.length === before.length &&
      after.every((requirement, position) => {
        const old = before[position]!
        const key = stableLabels[old.key] === requirement.key ? requirement.key : old.key
        return isDeepStrictEqual(requirement, { ...old, key })
      })
    )
  })
}
