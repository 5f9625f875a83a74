/** Persistent volumes: what they must say, inside attachments too, and what never changes. */
import { dnsLabelName, dnsSubdomainName, isDnsLabel } from '../names.ts'
import type { VolumeNodeAffinity } from '../parts/core/affinity.ts'
import type {
  PersistentVolumeSource,
  PersistentVolumeSpec,
} from '../parts/core/persistent-volume.ts'
import type {
  AzureFilePersistentVolumeSource,
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  LocalVolumeSource,
} from '../parts/core/persistent-volume-sources.ts'
import type { SecretReference } from '../parts/core/references.ts'
import type { Path, Problems } from '../problems.ts'
import { quantityValue } from '../quantity.ts'
import { checkAccessModes, checkClassName, checkVolumeMode } from './claim.ts'
import { checkNoBacksteps } from './local-path.ts'
import { validateNodeSelector } from './node-selector.ts'
import { checkPositive } from './resource-names.ts'
import {
  checkAwsVolume,
  checkAzureDisk,
  checkCsiDriverName,
  checkFc,
  checkFlex,
  checkFlocker,
  checkGceDisk,
  checkHostPath,
  checkIscsi,
  checkNfs,
  checkQuobyte,
  checkStorageOs,
  needs,
  sourceRulesOf,
} from './volume-sources.ts'

const rule = sourceRulesOf<PersistentVolumeSource>()

/** In upstream's order, which decides the one that counts when there are several. */
const sourceRules = [
  rule('hostPath', checkHostPath),
  rule('gcePersistentDisk', checkGceDisk, 'persistentDisk'),
  rule('awsElasticBlockStore', checkAwsVolume),
  rule('glusterfs', checkGlusterfs),
  rule('flocker', checkFlocker),
  rule('nfs', checkNfs),
  rule('rbd', needs('monitors', 'image')),
  rule('quobyte', checkQuobyte),
  rule('cephfs', needs('monitors'), 'cephfs', 'cephFS'),
  rule('iscsi', checkIscsi),
  rule('cinder', (source, at, problems) => {
    if (!source.volumeID) problems.required(at.child('volumeID'))
    checkSecret(source, at, problems)
  }),
  rule('fc', checkFc),
  rule('flexVolume', checkFlex),
  rule('azureFile', checkAzureFile),
  rule('vsphereVolume', needs('volumePath')),
  rule('photonPersistentDisk', needs('pdID')),
  rule('portworxVolume', needs('volumeID')),
  rule('azureDisk', checkAzureDisk),
  rule('scaleIO', needs('gateway', 'system', 'volumeName')),
  rule('local', checkLocal),
  rule('storageos', (source, at, problems) => {
    checkStorageOs(source, at, problems)
    checkSecret(source, at, problems)
  }),
  rule('csi', checkCsi),
]

function checkSecret(
  { secretRef }: { secretRef?: { name?: string; namespace?: string } },
  at: Path,
  problems: Problems,
): void {
  if (!secretRef) return
  if (!secretRef.name) problems.required(at.child('secretRef').child('name'))
  if (!secretRef.namespace) problems.required(at.child('secretRef').child('namespace'))
}

function checkGlusterfs(
  source: GlusterfsPersistentVolumeSource,
  at: Path,
  problems: Problems,
): void {
  const { endpointsNamespace: namespace } = source
  if (!source.endpoints) problems.required(at.child('endpoints'))
  if (!source.path) problems.required(at.child('path'))
  if (namespace === undefined) return
  const place = at.child('endpointsNamespace')
  if (!namespace) {
    const detail = 'if the endpointnamespace is set, it must be a valid namespace name'
    problems.invalid(place, namespace, detail)
  } else for (const message of dnsLabelName(namespace)) problems.invalid(place, namespace, message)
}

function checkAzureFile(
  source: AzureFilePersistentVolumeSource,
  at: Path,
  problems: Problems,
): void {
  if (!source.secretName) problems.required(at.child('secretName'))
  if (!source.shareName) problems.required(at.child('shareName'))
  if (source.secretNamespace === '') problems.required(at.child('secretNamespace'))
}

function checkLocal({ path }: LocalVolumeSource, at: Path, problems: Problems): void {
  if (path) checkNoBacksteps(path, at.child('path'), problems)
  else problems.required(at.child('path'))
}

/** The secret for staging is not judged, upstream neither. */
const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function checkCsi(source: CSIPersistentVolumeSource, at: Path, problems: Problems): void {
  checkCsiDriverName(source.driver, at.child('driver'), problems)
  if (!source.volumeHandle) problems.required(at.child('volumeHandle'))
  for (const name of csiSecrets) {
    const secret = source[name]
    if (secret) checkSecretReference(secret, at.child(name), problems)
  }
}

function checkSecretReference(secret: SecretReference, at: Path, problems: Problems): void {
  const { name, namespace } = secret
  if (!name) problems.required(at.child('name'))
  else {
    for (const message of dnsSubdomainName(name)) problems.invalid(at.child('name'), name, message)
  }
  if (!namespace) problems.required(at.child('namespace'))
  else {
    for (const message of isDnsLabel(namespace)) {
      problems.invalid(at.child('namespace'), namespace, message)
    }
  }
}

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

export function checkVolumeSpec(
  spec: PersistentVolumeSpec,
  name: string,
  at: Path,
  problems: Problems,
): void {
  checkModes(spec, at, problems)
  checkCapacity(spec.capacity, at.child('capacity'), problems)
  const policy = spec.persistentVolumeReclaimPolicy
  const policyPlace = at.child('persistentVolumeReclaimPolicy')
  if (policy && !reclaimPolicies.includes(policy)) {
    problems.notSupported(policyPlace, policy, reclaimPolicies)
  }
  if (spec.nodeAffinity) checkNodeAffinity(spec.nodeAffinity, at.child('nodeAffinity'), problems)
  checkSource(spec, name, at, problems)
  if (spec.hostPath && isRoot(spec.hostPath.path) && policy === 'Recycle') {
    problems.forbidden(policyPlace, "may not be 'recycle' for a hostPath mount of '/'")
  }
  checkClassName(spec.storageClassName, at.child('storageClassName'), problems)
  checkVolumeMode(spec.volumeMode, at, problems)
  checkAttributesClass(spec, at, problems)
}

/** The volume that an attachment carries in itself says less than one that stands alone. */
export function checkInlineVolumeSpec(
  spec: PersistentVolumeSpec,
  at: Path,
  problems: Problems,
): void {
  const context = 'in the context of inline volumes'
  const notHere = `may not be specified ${context}`
  if (spec.claimRef) problems.forbidden(at.child('claimRef'), notHere)
  if (spec.capacity) problems.forbidden(at.child('capacity'), notHere)
  if (!spec.csi) problems.required(at.child('csi'), `has to be specified ${context}`)
  checkModes(spec, at, problems)
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && policy !== 'Retain') {
    const place = at.child('persistentVolumeReclaimPolicy')
    problems.forbidden(place, `may only be Retain ${context}`)
  }
  if (spec.nodeAffinity) problems.forbidden(at.child('nodeAffinity'), notHere)
  checkSource(spec, '', at, problems)
  if (spec.storageClassName) problems.forbidden(at.child('storageClassName'), notHere)
  if (spec.volumeMode && spec.volumeMode !== 'Filesystem') {
    const detail = `may not specify volumeMode other than Filesystem ${context}`
    problems.forbidden(at.child('volumeMode'), detail)
  }
}

function checkModes({ accessModes }: PersistentVolumeSpec, at: Path, problems: Problems): void {
  if (!accessModes?.length) problems.required(at.child('accessModes'))
  checkAccessModes(accessModes, at.child('accessModes'), problems)
}

function checkCapacity(
  capacity: Record<string, string> | undefined,
  at: Path,
  problems: Problems,
): void {
  const names = Object.keys(capacity ?? {}).sort()
  if (!names.length) problems.required(at)
  if (names.length !== 1 || names[0] !== 'storage') {
    const shown = capacity && Object.fromEntries(names.map((name) => [name, capacity[name]]))
    problems.notSupported(at, shown, ['storage'])
  }
  for (const name of names) {
    const size = capacity![name]!
    const place = at.key(name)
    const value = quantityValue(size)
    if (value < 0n) problems.invalid(place, Number(value), 'must be a valid resource quantity')
    checkPositive(size, place, problems)
  }
}

function checkNodeAffinity({ required }: VolumeNodeAffinity, at: Path, problems: Problems): void {
  const place = at.child('required')
  if (required) validateNodeSelector(required, place, problems)
  else problems.required(place, 'must specify required node constraints')
}

function checkSource(spec: PersistentVolumeSpec, name: string, at: Path, problems: Problems): void {
  let found = false
  for (const each of sourceRules) {
    const source = spec[each.name]
    if (!source) continue
    // Drivers on the node came late to the rule and have stayed outside of it.
    if (found && each.name !== 'flexVolume') {
      const detail = 'may not specify more than 1 volume type'
      problems.forbidden(at.child(each.crowdedPlace), detail)
      continue
    }
    found = true
    if (each.name === 'iscsi') checkIscsi(spec.iscsi!, at.child('iscsi'), problems, { name })
    else each.check(source as never, at.child(each.place), problems)
    if (each.name === 'local' && !spec.nodeAffinity) {
      problems.required(at.child('nodeAffinity'), 'Local volume requires node affinity')
    }
  }
  if (!found) problems.required(at, 'must specify a volume type')
}

const isRoot = (path: string): boolean =>
  path.startsWith('/') && path.split('/').every((part) => part === '' || part === '.')

function checkAttributesClass(spec: PersistentVolumeSpec, at: Path, problems: Problems): void {
  const { volumeAttributesClassName: name } = spec
  if (name === undefined) return
  const place = at.child('volumeAttributesClassName')
  if (name) checkClassName(name, place, problems)
  else problems.required(place, 'an empty string is disallowed')
  if (!spec.csi) {
    problems.required(at.child('csi'), 'has to be specified when using volumeAttributesClassName')
  }
}
