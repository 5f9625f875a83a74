/** Which trust bundles a projected volume takes: one by its name, or those of a signer. */
import { validateLabelSelector } from '../label-selector.ts'
import type { ClusterTrustBundleProjection } from '../parts/core/projected-volume.ts'
import type { Path, Problems } from '../problems.ts'
import { checkSignerName, isTrustBundleName } from './signer-name.ts'

export function checkTrustBundleSource(
  source: ClusterTrustBundleProjection,
  at: Path,
  problems: Problems,
): void {
  const { name, signerName, labelSelector } = source
  if (name !== undefined && signerName !== undefined) {
    problems.invalid(at, source, 'only one of name and signerName may be used')
  } else if (name !== undefined) checkNamed(name, source, at, problems)
  else if (signerName !== undefined) {
    const place = at.child('signerName')
    if (!signerName) problems.required(place, 'must be a valid signer name')
    else checkSignerName(signerName, place, problems)
    validateLabelSelector(labelSelector, at.child('labelSelector'), problems)
  } else problems.required(at, 'either name or signerName must be specified')
}

function checkNamed(
  name: string,
  { labelSelector }: ClusterTrustBundleProjection,
  at: Path,
  problems: Problems,
): void {
  const place = at.child('name')
  if (!name) problems.required(place, 'must be a valid object name')
  const signer = name.slice(0, Math.max(name.lastIndexOf(':'), 0)).replaceAll(':', '/')
  for (const message of isTrustBundleName(name, signer)) {
    problems.invalid(place, name, `not a valid clustertrustbundlename: ${message}`)
  }
  if (labelSelector) {
    const detail = 'labelSelector must be unset if name is specified'
    problems.invalid(at.child('labelSelector'), labelSelector, detail)
  }
}
