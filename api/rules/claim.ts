/** Claims to storage: what they may ask for, and how little of it may change. */
import { validateLabelSelector } from '../label-selector.ts'
import { dnsLabelName, dnsSubdomainName, isDnsSubdomain } from '../names.ts'
import type { PersistentVolumeClaimSpec } from '../parts/core/claim.ts'
import type { TypedLocalObjectReference, TypedObjectReference } from '../parts/core/references.ts'
import type { Path, Problems } from '../problems.ts'
import { checkPositive } from './resource-names.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']

/** Upstream names the list, not the entry that is wrong. */
export function checkAccessModes(
  modes: readonly string[] | undefined,
  at: Path,
  problems: Problems,
): void {
  let exclusive = false
  let shared = false
  for (const mode of modes ?? []) {
    if (!accessModes.includes(mode)) problems.notSupported(at, mode, accessModes)
    else if (mode === 'ReadWriteOncePod') exclusive = true
    else shared = true
  }
  if (exclusive && shared) {
    problems.forbidden(at, 'may not use ReadWriteOncePod with other access modes')
  }
}

export function checkVolumeMode(mode: string | undefined, at: Path, problems: Problems): void {
  if (mode !== undefined && !volumeModes.includes(mode)) {
    problems.notSupported(at.child('volumeMode'), mode, volumeModes)
  }
}

/** Nothing is wrong with no class at all. */
export function checkClassName(name: string | undefined, at: Path, problems: Problems): void {
  if (!name) return
  for (const message of dnsSubdomainName(name)) problems.invalid(at, name, message)
}

export function checkClaimSpec(
  spec: PersistentVolumeClaimSpec,
  at: Path,
  problems: Problems,
): void {
  const modesPlace = at.child('accessModes')
  if (!spec.accessModes?.length) {
    problems.required(modesPlace, 'at least 1 access mode is required')
  }
  validateLabelSelector(spec.selector, at.child('selector'), problems)
  checkAccessModes(spec.accessModes, modesPlace, problems)
  const size = spec.resources.requests?.storage
  const sizePlace = at.child('resources').key('storage')
  if (size === undefined) problems.required(sizePlace)
  else checkPositive(size, sizePlace, problems)
  checkClassName(spec.storageClassName, at.child('storageClassName'), problems)
  checkVolumeMode(spec.volumeMode, at, problems)
  checkDataSources(spec, at, problems)
  const attributesPlace = at.child('volumeAttributesClassName')
  checkClassName(spec.volumeAttributesClassName, attributesPlace, problems)
}

function checkDataSources(spec: PersistentVolumeClaimSpec, at: Path, problems: Problems): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource) checkDataSource(dataSource, at.child('dataSource'), problems)
  if (!dataSourceRef) return
  const place = at.child('dataSourceRef')
  checkDataSource(dataSourceRef, place, problems)
  const { namespace } = dataSourceRef
  if (namespace) {
    for (const message of dnsLabelName(namespace)) {
      problems.invalid(place.child('namespace'), namespace, message)
    }
  }
  if (!dataSource) return
  if (namespace) {
    const detail = 'may not be specified when dataSourceRef.namespace is specified'
    problems.invalid(at, {}, detail)
  } else if (!isSameSource(dataSource, dataSourceRef)) {
    problems.invalid(at, {}, 'must match dataSourceRef')
  }
}

function checkDataSource(
  source: TypedLocalObjectReference | TypedObjectReference,
  at: Path,
  problems: Problems,
): void {
  const { apiGroup, kind, name } = source
  if (!name) problems.required(at.child('name'))
  if (!kind) problems.required(at.child('kind'))
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    problems.invalid(at, kind, detail)
  }
  if (!apiGroup) return
  for (const message of isDnsSubdomain(apiGroup)) {
    problems.invalid(at.child('apiGroup'), apiGroup, message)
  }
}

function isSameSource(a: TypedLocalObjectReference, b: TypedObjectReference): boolean {
  return a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name
}

/** Old clients set one of the two sources; both say the same unless a namespace is crossed. */
export function alignDataSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) {
    const { apiGroup, kind, name } = dataSource
    spec.dataSourceRef = { apiGroup, kind, name }
  } else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { apiGroup, kind, name } = dataSourceRef
    spec.dataSource = { apiGroup, kind, name }
  }
}

/** The older field has only ever taken claims and snapshots, and dropped everything else. */
export function dropUnknownDataSource(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec
  if (!dataSource || dataSourceRef) return
  const { apiGroup, kind } = dataSource
  const isClaim = kind === 'PersistentVolumeClaim' && !apiGroup
  const isSnapshot = kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io'
  if (!isClaim && !isSnapshot) delete spec.dataSource
}
