/** Volumes of a pod: one source each, a name that mounts can refer to, and no name twice. */
import { dnsSubdomainName, isDnsLabel } from '../names.ts'
import type { PersistentVolumeClaimTemplate } from '../parts/core/claim.ts'
import type {
  CSIVolumeSource,
  ImageVolumeSource,
  Volume,
  VolumeSource,
} from '../parts/core/volume.ts'
import type { Path, Problems } from '../problems.ts'
import { quantitySign } from '../quantity.ts'
import { checkClaimSpec } from './claim.ts'
import { checkDescendingPath } from './local-path.ts'
import {
  checkConfigMapVolume,
  checkDownwardVolume,
  checkProjectedVolume,
  checkSecretVolume,
} from './projected-volume.ts'
import { checkTemplateMeta } from './template-meta.ts'
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
  isPortalTooLong,
  needs,
  portalTooLong,
  type SourceRule,
  sourceRulesOf,
} from './volume-sources.ts'

const rule = sourceRulesOf<VolumeSource>()

/** In upstream's order, which decides the one that counts when there are several. */
const sourceRules = [
  rule('emptyDir', ({ sizeLimit }, at, problems) => {
    if (sizeLimit !== undefined && quantitySign(sizeLimit) < 0) {
      const detail = 'SizeLimit field must be a valid resource quantity'
      problems.forbidden(at.child('sizeLimit'), detail)
    }
  }),
  rule('hostPath', checkHostPath),
  rule('gitRepo', ({ repository, directory = '' }, at, problems) => {
    if (!repository) problems.required(at.child('repository'))
    checkDescendingPath(directory, at.child('directory'), problems)
  }),
  rule('gcePersistentDisk', checkGceDisk, 'persistentDisk'),
  rule('awsElasticBlockStore', checkAwsVolume),
  rule('secret', checkSecretVolume),
  rule('nfs', checkNfs),
  rule('iscsi', checkIscsi),
  rule('glusterfs', needs('endpoints', 'path')),
  rule('flocker', checkFlocker),
  rule('persistentVolumeClaim', needs('claimName')),
  rule('rbd', needs('monitors', 'image')),
  rule('cinder', (source, at, problems) => {
    if (!source.volumeID) problems.required(at.child('volumeID'))
    checkSecretName(source, at, problems)
  }),
  rule('cephfs', needs('monitors'), 'cephfs', 'cephFS'),
  rule('quobyte', checkQuobyte),
  rule('downwardAPI', checkDownwardVolume, 'downwardAPI', 'downwarAPI'),
  rule('fc', checkFc),
  rule('flexVolume', checkFlex),
  rule('configMap', checkConfigMapVolume),
  rule('azureFile', needs('secretName', 'shareName')),
  rule('vsphereVolume', needs('volumePath')),
  rule('photonPersistentDisk', needs('pdID')),
  rule('portworxVolume', needs('volumeID')),
  rule('azureDisk', checkAzureDisk),
  rule('storageos', (source, at, problems) => {
    checkStorageOs(source, at, problems)
    checkSecretName(source, at, problems)
  }),
  rule('projected', checkProjectedVolume),
  rule('scaleIO', needs('gateway', 'system', 'volumeName')),
  rule('csi', checkCsi),
  rule('ephemeral', ({ volumeClaimTemplate }, at, problems) => {
    const place = at.child('volumeClaimTemplate')
    if (volumeClaimTemplate) checkClaimTemplate(volumeClaimTemplate, place, problems)
    else problems.required(place)
  }),
  rule('image', checkImage),
]
const ruleOf = new Map<string, SourceRule<VolumeSource>>(
  sourceRules.map((each) => [each.name, each]),
)

function checkSecretName(
  { secretRef }: { secretRef?: { name?: string } },
  at: Path,
  problems: Problems,
): void {
  if (secretRef && !secretRef.name) problems.required(at.child('secretRef').child('name'))
}

function checkCsi(source: CSIVolumeSource, at: Path, problems: Problems): void {
  checkCsiDriverName(source.driver, at.child('driver'), problems)
  const name = source.nodePublishSecretRef?.name
  if (name === '') problems.required(at.child('nodePublishSecretRef').child('name'))
  else if (name) {
    for (const message of dnsSubdomainName(name)) problems.invalid(at.child('name'), name, message)
  }
}

function checkClaimTemplate(
  template: PersistentVolumeClaimTemplate,
  at: Path,
  problems: Problems,
): void {
  checkTemplateMeta(template.metadata, at.child('metadata'), problems)
  checkClaimSpec(template.spec, at.child('spec'), problems)
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']

/** A template may leave the image open; only a pod must name it. */
function checkImage({ pullPolicy }: ImageVolumeSource, at: Path, problems: Problems): void {
  const place = at.child('pullPolicy')
  if (!pullPolicy) problems.required(place)
  else if (!pullPolicies.includes(pullPolicy)) {
    problems.notSupported(place, pullPolicy, pullPolicies)
  }
}

/**
 * What is wrong with the volumes of a pod or of a template for pods. Answers those without fault by
 * name: nothing else can be mounted.
 */
export function checkVolumes(
  volumes: readonly Volume[],
  at: Path,
  problems: Problems,
): ReadonlyMap<string, Volume> {
  const valid = new Map<string, Volume>()
  for (const [position, volume] of volumes.entries()) {
    const before = problems.list.length
    const place = at.index(position)
    checkVolume(volume, place, problems)
    if (valid.has(volume.name)) problems.duplicate(place.child('name'), volume.name)
    if (problems.list.length === before) valid.set(volume.name, volume)
  }
  return valid
}

function checkVolume(volume: Volume, at: Path, problems: Problems): void {
  const sources = sourceNames(volume)
  if (!sources.length) problems.required(at, 'must specify a volume type')
  else if (sources.length === 1) checkSource(ruleOf.get(sources[0]!)!, volume, at, problems)
  else checkSources(new Set(sources), volume, at, problems)
  if (!volume.name) problems.required(at.child('name'))
  else {
    for (const message of isDnsLabel(volume.name)) {
      problems.invalid(at.child('name'), volume.name, message)
    }
  }
}

function sourceNames(volume: Volume): string[] {
  const names: string[] = []
  for (const name in volume) if (name !== 'name') names.push(name)
  return names
}

function checkSource(
  { name, check, place }: SourceRule<VolumeSource>,
  volume: Volume,
  at: Path,
  problems: Problems,
): void {
  check(volume[name] as never, at.child(place), problems)
  if (name === 'iscsi' && isPortalTooLong(volume.iscsi!, volume.name)) {
    problems.invalid(at.child('name'), volume.name, portalTooLong)
  }
}

function checkSources(
  names: ReadonlySet<string>,
  volume: Volume,
  at: Path,
  problems: Problems,
): void {
  let isFirst = true
  for (const each of sourceRules) {
    if (!names.has(each.name)) continue
    if (isFirst) checkSource(each, volume, at, problems)
    else problems.forbidden(at.child(each.crowdedPlace), 'may not specify more than 1 volume type')
    isFirst = false
  }
}

/**
 * Claims made for a pod carry its name and that of the volume. The sum must be a name, and no
 * volume may refer to such a claim as if it had been there before.
 */
export function checkEphemeralClaims(
  podName: string,
  volumes: readonly Volume[],
  at: Path,
  problems: Problems,
): void {
  if (!podName || !volumes.some(({ ephemeral }) => ephemeral)) return
  const made = new Set<string>()
  for (const { name, ephemeral } of volumes) if (ephemeral) made.add(`${podName}-${name}`)
  for (const [position, volume] of volumes.entries()) {
    const place = at.index(position)
    if (volume.ephemeral && volume.name) {
      const claim = `${podName}-${volume.name}`
      for (const message of dnsSubdomainName(claim)) {
        const detail = `PVC name ${JSON.stringify(claim)}: ${message}`
        problems.invalid(place.child('name'), volume.name, detail)
      }
    }
    const claimName = volume.persistentVolumeClaim?.claimName
    if (claimName !== undefined && made.has(claimName)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      problems.invalid(place.child('persistentVolumeClaim').child('claimName'), claimName, detail)
    }
  }
}

/** Templates may leave an image volume without reference; a pod may not. */
export function checkImageReferences(
  volumes: readonly Volume[],
  at: Path,
  problems: Problems,
): void {
  for (const [position, { image }] of volumes.entries()) {
    if (image && !image.reference) {
      problems.required(at.index(position).child('image').child('reference'))
    }
  }
}
