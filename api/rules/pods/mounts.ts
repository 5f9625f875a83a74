/** Rules about what containers mount: volumes as files, and as block devices. */
import type { Container, VolumeDevice, VolumeMount } from '../../parts/core/container.ts'
import type { Volume } from '../../parts/core/volume.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkDescendingPath } from '../local-path.ts'

/** The volumes of a pod that are valid, by name. */
export type Volumes = ReadonlyMap<string, Volume>

export function validateMounts(
  container: Container,
  volumes: Volumes,
  at: Path,
  problems: Problems,
): void {
  const devices = container.volumeDevices ?? []
  const paths = new Set<string>()
  for (const [position, mount] of (container.volumeMounts ?? []).entries()) {
    const { name, mountPath } = mount
    const place = at.index(position)
    if (!name) problems.required(place.child('name'))
    const volume = volumes.get(name)
    if (!volume) problems.notFound(place.child('name'), name)
    if (!mountPath) problems.required(place.child('mountPath'))
    if (paths.has(mountPath)) {
      problems.invalid(place.child('mountPath'), mountPath, 'must be unique')
    }
    paths.add(mountPath)
    if (devices.length) checkOverlap(mount, devices, place, problems)
    if (mount.subPath || mount.subPathExpr) checkSubPath(mount, volume, place, at, problems)
    // From here on upstream names the list instead of the mount.
    checkPropagation(mount, container, at.child('mountPropagation'), problems)
    checkRecursive(mount, at.child('recursiveReadOnly'), problems)
  }
}

function checkOverlap(
  { name, mountPath }: VolumeMount,
  devices: readonly VolumeDevice[],
  at: Path,
  problems: Problems,
): void {
  if (devices.some((device) => device.name === name)) {
    problems.invalid(at.child('name'), name, 'must not already exist in volumeDevices')
  }
  if (devices.some(({ devicePath }) => devicePath === mountPath)) {
    const detail = 'must not already exist as a path in volumeDevices'
    problems.invalid(at.child('mountPath'), mountPath, detail)
  }
}

function checkSubPath(
  { subPath, subPathExpr }: VolumeMount,
  volume: Volume | undefined,
  at: Path,
  list: Path,
  problems: Problems,
): void {
  if (volume?.image) {
    const detail = 'not allowed in image volume sources'
    if (subPath) problems.invalid(at.child('subPath'), subPath, detail)
    if (subPathExpr) problems.invalid(at.child('subPathExpr'), subPathExpr, detail)
  }
  if (subPath) checkDescendingPath(subPath, list.child('subPath'), problems)
  if (!subPathExpr) return
  if (subPath) {
    const detail = 'subPathExpr and subPath are mutually exclusive'
    problems.invalid(at.child('subPathExpr'), subPathExpr, detail)
  }
  checkDescendingPath(subPathExpr, list.child('subPathExpr'), problems)
}

const propagations = new Set(['Bidirectional', 'HostToContainer', 'None'])

function checkPropagation(
  { mountPropagation }: VolumeMount,
  { securityContext }: Container,
  at: Path,
  problems: Problems,
): void {
  if (mountPropagation === undefined) return
  if (!propagations.has(mountPropagation)) {
    problems.notSupported(at, mountPropagation, propagations)
  }
  if (mountPropagation === 'Bidirectional' && !securityContext?.privileged) {
    const detail = 'Bidirectional mount propagation is available only to privileged containers'
    problems.forbidden(at, detail)
  }
}

const recursions = new Set(['Disabled', 'Enabled', 'IfPossible'])

function checkRecursive(mount: VolumeMount, at: Path, problems: Problems): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return
  if (!recursions.has(recursiveReadOnly)) {
    problems.notSupported(at, recursiveReadOnly, recursions)
    return
  }
  if (!readOnly) problems.forbidden(at, 'may only be specified when readOnly is true')
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    problems.forbidden(at, 'may only be specified when mountPropagation is None or not specified')
  }
}

export function validateDevices(
  { volumeDevices = [], volumeMounts = [] }: Container,
  volumes: Volumes,
  at: Path,
  problems: Problems,
): void {
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [position, { name, devicePath }] of volumeDevices.entries()) {
    const place = at.index(position)
    checkDeviceName(name, names, volumes, place.child('name'), problems)
    checkDevicePath(devicePath, paths, place.child('devicePath'), problems)
    if (volumeMounts.some((mount) => mount.name === name)) {
      problems.invalid(place.child('name'), name, 'must not already exist in volumeMounts')
    }
    if (volumeMounts.some(({ mountPath }) => mountPath === devicePath)) {
      const detail = 'must not already exist as a path in volumeMounts'
      problems.invalid(place.child('devicePath'), devicePath, detail)
    }
  }
}

function checkDeviceName(
  name: string,
  names: Set<string>,
  volumes: Volumes,
  at: Path,
  problems: Problems,
): void {
  if (!name) problems.required(at)
  if (names.has(name)) problems.invalid(at, name, 'must be unique')
  if (name) names.add(name)
  const volume = volumes.get(name)
  if (!volume) problems.notFound(at, name)
  else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
    const types = 'PersistentVolumeClaim or Ephemeral'
    problems.invalid(at, name, `can only use volume source type of ${types} for block mode`)
  }
}

function checkDevicePath(path: string, paths: Set<string>, at: Path, problems: Problems): void {
  if (!path) problems.required(at)
  if (paths.has(path)) problems.invalid(at, path, 'must be unique')
  if (path.split('/').includes('..')) {
    problems.invalid(at, path, "can not contain backsteps ('..')")
  } else paths.add(path)
}
