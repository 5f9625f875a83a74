/** Which fields and resources of a pod its own containers can read: the downward API. */
import { isQualifiedName } from '../names.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../parts/core/env.ts'
import type { Path, Problems } from '../problems.ts'
import { isZero } from '../quantity.ts'

export const fieldsForEnv: ReadonlySet<string> = new Set([
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])

export const fieldsForVolumes: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
])

/** Known to the API, though not every one can be read in every place. */
const knownFields: ReadonlySet<string> = new Set([
  ...fieldsForEnv,
  ...fieldsForVolumes,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

const resources: ReadonlySet<string> = new Set(
  ['limits', 'requests'].flatMap((side) =>
    ['cpu', 'memory', 'ephemeral-storage'].map((resource) => `${side}.${resource}`),
  ),
)
const hugePages = /^(?:requests|limits)\.hugepages-/

/** `metadata.labels['a/b']` names one label, as `metadata.annotations['a/b']` one annotation. */
const subscripted = /^([^[\]]*)\['(.*)'\]$/s

/** The path and the key inside brackets, when there is one. */
function splitSubscript(path: string): { path: string; key?: string } {
  const parts = subscripted.exec(path)
  return parts ? { path: parts[1]!, key: parts[2]! } : { path }
}

export function checkFieldSelector(
  selector: ObjectFieldSelector,
  supported: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  const { apiVersion, fieldPath } = selector
  if (!apiVersion) problems.required(at.child('apiVersion'))
  else if (!fieldPath) problems.required(at.child('fieldPath'))
  else checkFieldPath(apiVersion, fieldPath, supported, at, problems)
}

function checkFieldPath(
  version: string,
  fieldPath: string,
  supported: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  const { path, key } = splitSubscript(fieldPath)
  const conversionProblem = problemOfConversion(version, fieldPath, path, key)
  if (conversionProblem) {
    const detail = `error converting fieldPath: ${conversionProblem}`
    problems.invalid(at.child('fieldPath'), fieldPath, detail)
  } else if (key !== undefined) {
    const name = path === 'metadata.annotations' ? key.toLowerCase() : key
    for (const message of isQualifiedName(name)) problems.invalid(at, name, message)
  } else if (!supported.has(path === 'spec.host' ? 'spec.nodeName' : path)) {
    problems.notSupported(at.child('fieldPath'), path, supported)
  }
}

function problemOfConversion(version: string, whole: string, path: string, key?: string): string {
  if (version !== 'v1') return `unsupported pod version: ${version}`
  if (key !== undefined) {
    const isMap = path === 'metadata.annotations' || path === 'metadata.labels'
    return isMap ? '' : `field label does not support subscript: ${whole}`
  }
  // The latter is an old name of spec.nodeName, which old clients still use.
  const isKnown = knownFields.has(path) || path === 'spec.host'
  return isKnown ? '' : `field label not supported: ${whole}`
}

export function checkResourceSelector(
  selector: ResourceFieldSelector,
  needsContainer: boolean,
  at: Path,
  problems: Problems,
): void {
  const { containerName, resource, divisor } = selector
  if (needsContainer && !containerName) problems.required(at.child('containerName'))
  else if (!resource) problems.required(at.child('resource'))
  else if (!resources.has(resource) && !hugePages.test(resource)) {
    problems.notSupported(at.child('resource'), resource, resources)
  }
  if (divisor !== undefined && !isZero(divisor)) checkDivisor(resource, divisor, at, problems)
}

const byteUnits = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'
const bytes = { units: new Set(byteUnits.split(', ')), text: `${byteUnits} are` }
const cores = { units: new Set(['1m', '1']), text: '1m and 1 are' }

function checkDivisor(resource: string, divisor: string, at: Path, problems: Problems): void {
  const [divisors, name] = divisorsOf(resource)
  if (!divisors || divisors.units.has(divisor)) return
  const detail = `only divisor's values ${divisors.text} supported with the ${name} resource`
  problems.invalid(at.child('divisor'), resource, detail)
}

function divisorsOf(resource: string) {
  if (resource.endsWith('.cpu')) return [cores, 'cpu'] as const
  if (resource.endsWith('.memory')) return [bytes, 'memory'] as const
  if (resource.endsWith('.ephemeral-storage')) return [bytes, 'local ephemeral storage'] as const
  return hugePages.test(resource) ? ([bytes, 'hugepages'] as const) : []
}
