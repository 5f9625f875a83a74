/** The files of volumes that the kubelet writes: which paths, with which content and mode. */
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Secret } from '#api/kinds/core/secret.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '#api/parts/core/projected-volume.ts'
import { fieldOf } from '../pod-fields.ts'
import { resourceOf } from '../pod-resource-fields.ts'

export interface PayloadFile {
  readonly data: Buffer
  /** Permission bits. */
  readonly mode: number
  /** Whose it is; root's unless given. */
  readonly userId?: number
}

/** By relative path. */
export type Payload = ReadonlyMap<string, PayloadFile>

export interface Selection {
  /** Every key under its own name unless given. */
  readonly items?: readonly KeyToPath[] | undefined
  readonly mode: number
  /** Whether keys may be missing. */
  readonly isOptional: boolean
}

export function configMapPayload(source: ConfigMap, selection: Selection): Payload {
  const entries = new Map<string, Buffer>()
  for (const [key, text] of Object.entries(source.data ?? {})) entries.set(key, Buffer.from(text))
  for (const [key, text] of Object.entries(source.binaryData ?? {})) {
    entries.set(key, Buffer.from(text, 'base64'))
  }
  return selected(entries, selection, 'configmap references non-existent config key')
}

export function secretPayload(source: Secret, selection: Selection): Payload {
  const entries = Object.entries(source.data ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, 'base64')] as const,
  )
  return selected(new Map(entries), selection, 'references non-existent secret key')
}

function selected(
  entries: ReadonlyMap<string, Buffer>,
  { items, mode, isOptional }: Selection,
  missing: string,
): Payload {
  if (!items?.length) return new Map(Array.from(entries, ([key, data]) => [key, { data, mode }]))
  const payload = new Map<string, PayloadFile>()
  for (const item of items) {
    const data = entries.get(item.key)
    if (data) payload.set(item.path, { data, mode: item.mode ?? mode })
    else if (!isOptional) throw new Error(`${missing}: ${item.key}`)
  }
  return payload
}

export interface DownwardFacts {
  readonly allocatable: Readonly<Record<string, string>>
}

export function downwardPayload(
  files: readonly DownwardAPIVolumeFile[],
  mode: number,
  pod: Pod,
  { allocatable }: DownwardFacts,
): Payload {
  const payload = new Map<string, PayloadFile>()
  for (const { path, fieldRef, resourceFieldRef, mode: own } of files) {
    const text = fieldRef
      ? fieldOf(pod, fieldRef.fieldPath)
      : resourceFieldRef
        ? resourceOf(resourceFieldRef, pod, undefined, allocatable)
        : ''
    payload.set(path, { data: Buffer.from(text), mode: own ?? mode })
  }
  return payload
}

/** A later source of a projected volume wins over an earlier one. */
export function merged(payloads: readonly Payload[]): Payload {
  return new Map(payloads.flatMap((payload) => [...payload]))
}

const PATH_LENGTH_MAX = 4096

/** What is wrong with a path that a file of a volume shall have; undefined for a good one. */
export function problemOfPath(path: string): string | undefined {
  if (path === '') return 'invalid path: must not be empty'
  if (path.startsWith('/')) return `invalid path: must be relative path: ${path}`
  if (path.length > PATH_LENGTH_MAX) return 'invalid path: must be less than or equal to 4096'
  const parts = path.split('/')
  if (parts.includes('..')) return `invalid path: must not contain '..': ${path}`
  if (parts[0]?.startsWith('..')) return `invalid path: must not start with '..': ${path}`
  return undefined
}
