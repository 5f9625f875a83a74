/** The flag that says which built-in APIs are served. */
import { kinds } from '#api/registry.ts'

const VERSIONS = new Set(kinds.filter(({ plural }) => plural).map(({ apiVersion }) => apiVersion))
/** Nothing works without these. */
const NEEDED = new Set([
  'v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'apiregistration.k8s.io/v1',
  'coordination.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1',
  'rbac.authorization.k8s.io/v1',
  'scheduling.k8s.io/v1',
  'storage.k8s.io/v1',
])

/** Throws for what is no version of ours, and for what cannot be left out. */
export function disabledVersions(given: ReadonlyMap<string, string>): ReadonlySet<string> {
  const disabled = new Set<string>()
  for (const [version, value] of given) {
    if (value !== 'true' && value !== 'false') {
      throw new Error(`--runtime-config: ${version} is "${value}", wanted true or false`)
    }
    if (!VERSIONS.has(version)) {
      throw new Error(`--runtime-config: "${version}" is not served, wanted a group and version`)
    }
    if (value === 'false' && NEEDED.has(version)) {
      throw new Error(`--runtime-config: "${version}" cannot be left out`)
    }
    if (value === 'false') disabled.add(version)
  }
  return disabled
}
