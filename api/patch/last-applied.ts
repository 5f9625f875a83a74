/** The annotation in which kubectl keeps what it applied from the client's side. */
import { JsonError, parseJson } from '../json.ts'
import { compare } from './compare.ts'
import { difference, type Fields, union } from './field-set.ts'
import type { TrackedObject } from './managed-fields.ts'
import { claimedFields } from './owned-fields.ts'
import { shapeOf } from './shape.ts'
import { typeProblem } from './typed-check.ts'
import type { Tracking } from './update-managers.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** What all annotations of an object may take together. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024

type Json = Record<string, unknown>

function annotationsOf(object: object): Json | undefined {
  const metadata = (object as { metadata?: { annotations?: Json } }).metadata
  return metadata?.annotations
}

/** What kubectl set and nobody changed since; undefined without a record that can be read. */
export function lastAppliedFields(tracking: Tracking, live: TrackedObject): Fields {
  const text = annotationsOf(live)?.[LAST_APPLIED]
  const config = typeof text === 'string' ? parsedConfig(text) : undefined
  if (config?.apiVersion !== tracking.apiVersion) return undefined
  if (typeProblem(tracking.schema, config)) return undefined
  const shape = shapeOf(tracking.schema)
  const { added, modified, removed } = compare(shape, config, live)
  return difference(claimedFields(shape, config), union(union(added, modified), removed))
}

function parsedConfig(text: string): Json | undefined {
  try {
    const value = parseJson(text)
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

/** Brings the record up to date, if there is one, so that the client's side can go on from here. */
export function syncLastApplied<T extends object>(object: T, config: object): T {
  const annotations = annotationsOf(object)
  if (!annotations?.[LAST_APPLIED]) return object
  const { [LAST_APPLIED]: _, ...others } = annotations
  const text = `${JSON.stringify(sorted(recorded(config)))}\n`
  const next = { ...others, [LAST_APPLIED]: text }
  const size = Object.entries(next).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)),
    0,
  )
  const kept = size > ANNOTATIONS_BYTES_MAX ? others : next
  const { metadata } = object as { metadata?: object }
  return { ...object, metadata: { ...metadata, annotations: kept } }
}

/** The configuration without the record itself. */
function recorded(config: object): object {
  const annotations = annotationsOf(config)
  if (!annotations) return config
  const { [LAST_APPLIED]: _, ...others } = annotations
  const { metadata } = config as { metadata?: object }
  return { ...config, metadata: { ...metadata, annotations: others } }
}

/** With the keys of all maps in order, as Go writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, child]) => [name, sorted(child)]))
}
