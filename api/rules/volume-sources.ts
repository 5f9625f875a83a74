/** What single volume sources must say; pods and persistent volumes share most of it. */
import { isDnsLabel, isDnsSubdomain } from '../names.ts'
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  GCEPersistentDiskVolumeSource,
} from '../parts/core/cloud-volumes.ts'
import type {
  FCVolumeSource,
  FlockerVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
} from '../parts/core/network-volumes.ts'
import type { HostPathVolumeSource } from '../parts/core/volume.ts'
import type { Path, Problems } from '../problems.ts'
import { checkNoBacksteps } from './local-path.ts'

export type Check<T> = (source: T, at: Path, problems: Problems) => void

/** A rule that each of these fields has a value. */
export function needs<T extends object>(...names: (keyof T & string)[]): Check<T> {
  return (source, at, problems) => {
    for (const name of names) {
      const value: unknown = source[name]
      if (!value || (Array.isArray(value) && !value.length)) problems.required(at.child(name))
    }
  }
}

/** What is asked of one of the sources `S` that a volume may have. */
export interface SourceRule<S> {
  readonly name: keyof S & string
  readonly check: Check<never>
  /** Where upstream reports problems, which is not always the field. */
  readonly place: string
  /** Where upstream reports that there is another source already. */
  readonly crowdedPlace: string
}

/** Makes rules for the sources of `S`, each about its own field. */
export const sourceRulesOf =
  <S>() =>
  <N extends keyof S & string>(
    name: N,
    check: Check<NonNullable<S[N]>>,
    place: string = name,
    crowdedPlace: string = name,
  ): SourceRule<S> => ({ name, check, place, crowdedPlace })

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

export const checkHostPath: Check<HostPathVolumeSource> = ({ path, type }, at, problems) => {
  if (!path) return problems.required(at.child('path'))
  checkNoBacksteps(path, at.child('path'), problems)
  if (type !== undefined && !hostPathTypes.includes(type)) {
    problems.notSupported(at.child('type'), type, hostPathTypes)
  }
}

export const checkNfs: Check<NFSVolumeSource> = ({ server, path }, at, problems) => {
  if (!server) problems.required(at.child('server'))
  if (!path) problems.required(at.child('path'))
  if (!path.startsWith('/')) {
    problems.invalid(at.child('path'), path, 'must be an absolute path')
  }
}

/** Disks of two clouds count partitions from 1, with 0 for the whole disk. */
const checkPartition: Check<{ partition?: number }> = ({ partition = 0 }, at, problems) => {
  if (partition < 0 || partition > 255) {
    problems.invalid(at.child('partition'), partition, 'must be between 1 and 255, inclusive')
  }
}

export const checkGceDisk: Check<GCEPersistentDiskVolumeSource> = (source, at, problems) => {
  if (!source.pdName) problems.required(at.child('pdName'))
  checkPartition(source, at, problems)
}

export const checkAwsVolume: Check<AWSElasticBlockStoreVolumeSource> = (source, at, problems) => {
  if (!source.volumeID) problems.required(at.child('volumeID'))
  checkPartition(source, at, problems)
}

const cachingModes = ['None', 'ReadOnly', 'ReadWrite']
const diskKinds = ['Dedicated', 'Managed', 'Shared']
const managedDisk =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export const checkAzureDisk: Check<AzureDiskVolumeSource> = (source, at, problems) => {
  const { diskName, diskURI, cachingMode, kind } = source
  if (!diskName) problems.required(at.child('diskName'))
  if (!diskURI) problems.required(at.child('diskURI'))
  if (cachingMode !== undefined && !cachingModes.includes(cachingMode)) {
    problems.notSupported(at.child('cachingMode'), cachingMode, cachingModes)
  }
  if (kind === undefined) return
  if (!diskKinds.includes(kind)) problems.notSupported(at.child('kind'), kind, diskKinds)
  const [start, form] =
    kind === 'Managed' ? ['/subscriptions/', managedDisk] : ['https://', blobDisk]
  if (!diskURI.startsWith(start)) problems.notSupported(at.child('diskURI'), diskURI, [form])
}

export const checkFc: Check<FCVolumeSource> = ({ targetWWNs, wwids, lun }, at, problems) => {
  const targets = at.child('targetWWNs')
  if (!targetWWNs && !wwids) {
    problems.required(targets, 'must specify either targetWWNs or wwids, but not both')
  }
  if (!targetWWNs) return
  if (wwids) {
    const detail = 'targetWWNs and wwids can not be specified simultaneously'
    problems.invalid(targets, targetWWNs, detail)
  }
  if (lun === undefined) {
    problems.required(at.child('lun'), 'lun is required if targetWWNs is specified')
  } else checkLun(lun, at, problems)
}

function checkLun(lun: number, at: Path, problems: Problems): void {
  if (lun < 0 || lun > 255) {
    problems.invalid(at.child('lun'), lun, 'must be between 0 and 255, inclusive')
  }
}

export const checkFlocker: Check<FlockerVolumeSource> = (source, at, problems) => {
  const { datasetName = '', datasetUUID } = source
  if (!datasetName && !datasetUUID) {
    problems.required(at, 'one of datasetName and datasetUUID is required')
  }
  if (datasetName && datasetUUID) {
    const detail = 'datasetName and datasetUUID can not be specified simultaneously'
    problems.invalid(at, 'resource', detail)
  }
  if (datasetName.includes('/')) {
    problems.invalid(at.child('datasetName'), datasetName, "must not contain '/'")
  }
}

export const checkQuobyte: Check<QuobyteVolumeSource> = (source, at, problems) => {
  const { registry, tenant = '', volume } = source
  const pairs = 'must be a host:port pair or multiple pairs separated by commas'
  if (!registry) problems.required(at.child('registry'), pairs)
  else if (Buffer.byteLength(tenant) > 64) {
    const detail = 'must be a UUID and may not exceed a length of 64 characters'
    problems.required(at.child('tenant'), detail)
  } else {
    for (const pair of registry.split(',')) {
      if (!isHostPort(pair)) problems.invalid(at.child('registry'), registry, pairs)
    }
  }
  if (!volume) problems.required(at.child('volume'))
}

/** `host:port` or `[address]:port`; either side may be empty. */
function isHostPort(pair: string): boolean {
  return /^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)
}

/** Drivers on the node own their options, except what belongs to Kubernetes. */
export const checkFlex: Check<{ driver: string; options?: Record<string, string> }> = (
  { driver, options },
  at,
  problems,
) => {
  if (!driver) problems.required(at.child('driver'))
  for (const name of Object.keys(options ?? {})) {
    const owner = `.${name.split('/', 2)[0]!.toLowerCase()}`
    if (owner.endsWith('.kubernetes.io') || owner.endsWith('.k8s.io')) {
      const detail = 'kubernetes.io and k8s.io namespaces are reserved'
      problems.invalid(at.child('options').key(name), name, detail)
    }
  }
}

type IscsiSource = Omit<ISCSIVolumeSource, 'secretRef'> & { secretRef?: { name?: string } }

const wrongFormat = 'must be valid format'
const wrongStart = 'must be valid format starting with iqn, eui, or naa'

/** Persistent volumes word one problem otherwise, and know the name of the volume here. */
export function checkIscsi(
  source: IscsiSource,
  at: Path,
  problems: Problems,
  persistent?: { readonly name: string },
): void {
  const { targetPortal, iqn, lun, initiatorName, secretRef } = source
  const startMessage = persistent ? wrongFormat : wrongStart
  if (!targetPortal) problems.required(at.child('targetPortal'))
  if (persistent && isPortalTooLong(source, persistent.name)) {
    problems.invalid(at.child('targetportal'), targetPortal, portalTooLong)
  }
  if (!iqn) problems.required(at.child('iqn'))
  else checkIscsiName(iqn, startMessage, at.child('iqn'), problems)
  checkLun(lun, at, problems)
  const hasChap = source.chapAuthDiscovery || source.chapAuthSession
  if (hasChap && !secretRef) problems.required(at.child('secretRef'))
  if (persistent && secretRef && !secretRef.name) {
    problems.required(at.child('secretRef').child('name'))
  }
  if (initiatorName !== undefined) {
    checkIscsiName(initiatorName, startMessage, at.child('initiatorname'), problems)
  }
}

export const portalTooLong =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

export function isPortalTooLong(source: IscsiSource, name: string): boolean {
  const text = `${name}:${source.targetPortal}`
  return source.initiatorName !== undefined && Buffer.byteLength(text) > 64
}

const iscsiNames = new Map([
  ['iqn', /^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
])

function checkIscsiName(name: string, wrong: string, at: Path, problems: Problems): void {
  const pattern = iscsiNames.get(name.slice(0, 3))
  if (!pattern) problems.invalid(at, name, wrong)
  else if (!pattern.test(name)) problems.invalid(at, name, wrongFormat)
}

/** Names of CSI drivers are domains in any case, of the length of a label. */
export function checkCsiDriverName(name: string, at: Path, problems: Problems): void {
  if (!name) problems.required(at)
  if (Buffer.byteLength(name) > 63) problems.tooLong(at, 63)
  for (const message of isDnsSubdomain(name.toLowerCase())) problems.invalid(at, name, message)
}

export function checkStorageOs(
  source: { volumeName?: string; volumeNamespace?: string },
  at: Path,
  problems: Problems,
): void {
  const { volumeName, volumeNamespace } = source
  const name = at.child('volumeName')
  if (!volumeName) problems.required(name)
  else for (const message of isDnsLabel(volumeName)) problems.invalid(name, volumeName, message)
  if (!volumeNamespace) return
  for (const message of isDnsLabel(volumeNamespace)) {
    problems.invalid(at.child('volumeNamespace'), volumeNamespace, message)
  }
}
