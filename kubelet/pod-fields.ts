/** Fields of a pod as its containers read them: in variables, and in files of volumes. */
import type { Pod } from '#api/kinds/core/pod.ts'

/** What the status says only later. */
export interface Addresses {
  readonly podIps: readonly string[]
  readonly hostIps: readonly string[]
}

/** `metadata.labels['a/b']` names one label, as `metadata.annotations['a/b']` one annotation. */
const subscripted = /^([^[\]]*)\['(.*)'\]$/s

type Reader = (pod: Pod, addresses: Addresses) => string

const readers: Readonly<Record<string, Reader>> = {
  'metadata.annotations': ({ metadata }) => mapText(metadata.annotations),
  'metadata.labels': ({ metadata }) => mapText(metadata.labels),
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
  'metadata.uid': ({ metadata }) => metadata.uid,
  'spec.host': ({ spec }) => spec.nodeName ?? '',
  'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
  'status.hostIP': (_, { hostIps }) => hostIps[0] ?? '',
  'status.hostIPs': (_, { hostIps }) => hostIps.join(','),
  'status.podIP': (_, { podIps }) => podIps[0] ?? '',
  'status.podIPs': (_, { podIps }) => podIps.join(','),
}

const noAddresses: Addresses = { podIps: [], hostIps: [] }

/** Throws for a path that names nothing: the API server lets none through. */
export function fieldOf(pod: Pod, path: string, addresses: Addresses = noAddresses): string {
  const [, map, key] = subscripted.exec(path) ?? []
  if (map === 'metadata.labels') return pod.metadata.labels?.[key!] ?? ''
  if (map === 'metadata.annotations') return pod.metadata.annotations?.[key!] ?? ''
  const read = readers[path]
  if (!read) throw new Error(`unsupported fieldPath: ${path}`)
  return read(pod, addresses)
}

/** One line for each entry, `key="value"`, sorted. */
function mapText(map: Readonly<Record<string, string>> | undefined): string {
  const lines = Object.entries(map ?? {}).map(([key, value]) => `${key}=${quoted(value)}`)
  return lines.sort().join('\n')
}

/** As Go's %q prints texts. */
function quoted(text: string): string {
  const escaped = JSON.stringify(text).replaceAll('\\b', '\\b').replaceAll('\u007f', '\\x7f')
  return escaped.replaceAll(/\\u00([0-9a-f]{2})/g, (_, digits) => controlText(digits))
}

function controlText(digits: string): string {
  const named: Record<string, string> = { '07': '\\a', '0b': '\\v' }
  return named[digits] ?? `\\x${digits}`
}
