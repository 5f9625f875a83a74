/** Volumes whose files the kubelet writes: which keys become which files, from which sources. */
import type {
  ClusterTrustBundleProjection,
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../parts/core/projected-volume.ts'
import type { Path, Problems } from '../problems.ts'
import { checkFieldSelector, checkResourceSelector, fieldsForVolumes } from './downward-api.ts'
import { checkFilePath } from './local-path.ts'
import { checkSignerName } from './signer-name.ts'
import { checkTrustBundleSource } from './trust-bundle-source.ts'

function checkMode(mode: number | undefined, at: Path, name: string, problems: Problems): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    const detail = 'must be a number between 0 and 0777 (octal), both inclusive'
    problems.invalid(at.child(name), mode, detail)
  }
}

function checkKeyToPath({ key, path, mode }: KeyToPath, at: Path, problems: Problems): void {
  if (!key) problems.required(at.child('key'))
  if (!path) problems.required(at.child('path'))
  checkFilePath(path, at.child('path'), problems)
  checkMode(mode, at, 'mode', problems)
}

function checkItems(items: readonly KeyToPath[] | undefined, at: Path, problems: Problems): void {
  for (const [position, item] of (items ?? []).entries()) {
    checkKeyToPath(item, at.child('items').index(position), problems)
  }
}

export function checkSecretVolume(source: SecretVolumeSource, at: Path, problems: Problems): void {
  if (!source.secretName) problems.required(at.child('secretName'))
  checkMode(source.defaultMode, at, 'defaultMode', problems)
  checkItems(source.items, at, problems)
}

export function checkConfigMapVolume(
  source: ConfigMapVolumeSource,
  at: Path,
  problems: Problems,
): void {
  if (!source.name) problems.required(at.child('name'))
  checkMode(source.defaultMode, at, 'defaultMode', problems)
  checkItems(source.items, at, problems)
}

export function checkDownwardVolume(
  source: DownwardAPIVolumeSource,
  at: Path,
  problems: Problems,
): void {
  checkMode(source.defaultMode, at, 'defaultMode', problems)
  for (const file of source.items ?? []) checkDownwardFile(file, at, problems)
}

/** Upstream names the volume as the place, not the file in its list. */
function checkDownwardFile(file: DownwardAPIVolumeFile, at: Path, problems: Problems): void {
  const { path, fieldRef, resourceFieldRef, mode } = file
  if (!path) problems.required(at.child('path'))
  checkFilePath(path, at.child('path'), problems)
  if (fieldRef) {
    checkFieldSelector(fieldRef, fieldsForVolumes, at.child('fieldRef'), problems)
    if (resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      problems.invalid(at, 'resource', detail)
    }
  } else if (resourceFieldRef) {
    checkResourceSelector(resourceFieldRef, true, at.child('resourceFieldRef'), problems)
  } else problems.required(at, 'one of fieldRef and resourceFieldRef is required')
  checkMode(mode, at, 'mode', problems)
}

/** Which paths of a projected volume are taken, and where clashes are reported. */
interface Files {
  readonly at: Path
  readonly taken: Set<string>
  readonly problems: Problems
}

/** `shown` is the value that upstream prints, which is not always the path. */
function takePath({ at, taken, problems }: Files, path: string, shown = path): void {
  if (taken.has(path)) problems.invalid(at, shown, 'conflicting duplicate paths')
  taken.add(path)
}

export function checkProjectedVolume(
  source: ProjectedVolumeSource,
  at: Path,
  problems: Problems,
): void {
  checkMode(source.defaultMode, at, 'defaultMode', problems)
  const files: Files = { at, taken: new Set(), problems }
  for (const [position, projection] of (source.sources ?? []).entries()) {
    checkProjection(projection, at.child('sources').index(position), files)
  }
}

function checkProjection(projection: VolumeProjection, at: Path, files: Files): void {
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection
  const { clusterTrustBundle, podCertificate } = projection
  if (secret) checkKeys(secret, at.child('secret'), files)
  if (configMap) checkKeys(configMap, at.child('configMap'), files)
  for (const file of downwardAPI?.items ?? []) {
    checkDownwardFile(file, at.child('downwardAPI'), files.problems)
    if (file.path) takePath(files, file.path)
  }
  if (serviceAccountToken) checkToken(serviceAccountToken, at.child('serviceAccountToken'), files)
  if (clusterTrustBundle) checkBundle(clusterTrustBundle, at.child('clusterTrustBundle'), files)
  if (podCertificate) checkCertificate(podCertificate, at.child('podCertificate'), files)
  if (Object.keys(projection).length > 1) {
    files.problems.forbidden(at, 'may not specify more than 1 volume type per source')
  }
}

function checkKeys(source: { name?: string; items?: KeyToPath[] }, at: Path, files: Files): void {
  if (!source.name) files.problems.required(at.child('name'))
  for (const [position, item] of (source.items ?? []).entries()) {
    checkKeyToPath(item, at.child('items').index(position), files.problems)
    if (item.path) takePath(files, item.path, source.name ?? '')
  }
}

const MIN_TOKEN_SECONDS = 600
const MAX_TOKEN_SECONDS = 2 ** 32

/** Upstream reports the path of a token at the volume, not at its source. */
function checkToken(token: ServiceAccountTokenProjection, at: Path, files: Files): void {
  const { problems } = files
  const { path, expirationSeconds: seconds = MIN_TOKEN_SECONDS } = token
  const place = at.child('expirationSeconds')
  if (seconds < MIN_TOKEN_SECONDS) {
    problems.invalid(place, seconds, 'may not specify a duration less than 10 minutes')
  }
  if (seconds > MAX_TOKEN_SECONDS) {
    problems.invalid(place, seconds, 'may not specify a duration larger than 2^32 seconds')
  }
  if (path) checkFilePath(path, files.at.child('path'), problems)
  else problems.required(files.at.child('path'))
}

function checkBundle(bundle: ClusterTrustBundleProjection, at: Path, files: Files): void {
  checkTrustBundleSource(bundle, at, files.problems)
  if (!bundle.path) files.problems.required(at.child('path'))
  checkFilePath(bundle.path, at.child('path'), files.problems)
  takePath(files, bundle.path)
}

const keyTypes = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096']
const MIN_CERTIFICATE_SECONDS = 3600
const MAX_CERTIFICATE_SECONDS = 91 * 86_400
/** Signers of Kubernetes itself issue for a day at most. */
const MAX_KUBERNETES_CERTIFICATE_SECONDS = 86_400

function checkCertificate(certificate: PodCertificateProjection, at: Path, files: Files): void {
  const { problems } = files
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds } = certificate
  checkSignerName(signerName, at.child('signerName'), problems)
  if (!keyTypes.includes(keyType)) {
    problems.notSupported(at.child('keyType'), keyType, keyTypes)
  }
  if (seconds !== undefined) {
    const isOwn = signerName.startsWith('kubernetes.io/')
    const most = isOwn ? MAX_KUBERNETES_CERTIFICATE_SECONDS : MAX_CERTIFICATE_SECONDS
    const place = at.child('maxExpirationSeconds')
    if (seconds < MIN_CERTIFICATE_SECONDS) {
      const detail = `if provided, maxExpirationSeconds must be >= ${MIN_CERTIFICATE_SECONDS}`
      problems.invalid(place, seconds, detail)
    } else if (seconds > most) {
      problems.invalid(place, seconds, `if provided, maxExpirationSeconds must be <= ${most}`)
    }
  }
  checkCertificatePaths(certificate, at, files)
}

function checkCertificatePaths(certificate: PodCertificateProjection, at: Path, files: Files) {
  const names = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  if (names.every((name) => !certificate[name])) {
    const detail = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'
    files.problems.required(at, detail)
  }
  for (const name of names) {
    const path = certificate[name]
    if (!path) continue
    checkFilePath(path, at.child(name), files.problems)
    takePath(files, path)
  }
}
