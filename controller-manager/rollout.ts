/** What rollouts of templates have in common: selectors, hashes, revisions, limits. */
import { type IntOrString, scaledValue } from '#api/int-or-string.ts'
import {
  type LabelSelector,
  type LabelSelectorObject,
  nothing,
  selectorFromObject,
} from '#api/label-selector.ts'
import type { PodTemplateSpec } from '#api/parts/core/pod-template.ts'
import { sameJson } from '#api/patch/same-json.ts'
import type { ApiObject } from '#client/resource.ts'
import { timeToMs } from './pods.ts'

export const TEMPLATE_HASH = 'pod-template-hash'
export const REVISION = 'deployment.kubernetes.io/revision'

const known = new WeakMap<LabelSelectorObject, LabelSelector>()

/** Objects in caches do not change, so that each selector is compiled once. */
export function selectorOf(selector: LabelSelectorObject | null | undefined): LabelSelector {
  if (!selector) return nothing
  const compiled = known.get(selector) ?? selectorFromObject(selector)
  known.set(selector, compiled)
  return compiled
}

/** Whether both make the same pods; the label that tells revisions apart does not matter. */
export function sameTemplate(one: PodTemplateSpec, other: PodTemplateSpec): boolean {
  return sameJson(withoutHash(one), withoutHash(other))
}

function withoutHash({ metadata, ...rest }: PodTemplateSpec): object {
  const { [TEMPLATE_HASH]: _, ...labels } = metadata.labels ?? {}
  const { labels: __, ...others } = metadata
  const isBare = Object.keys(labels).length === 0
  return { ...rest, metadata: isBare ? others : { ...others, labels } }
}

/** As upstream's safe alphabet: no vowels, so that no word appears by accident. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** A short text that differs from template to template, and with each counted collision. */
export function templateHash(template: object, collisionCount?: number): string {
  const bytes = Buffer.from(`${canonicalJson(template)}${collisionCount ?? ''}`)
  let hash = FNV_OFFSET
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return [...String(hash >>> 0)]
    .map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length])
    .join('')
}

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join()}}`
}

/** A number that an annotation holds; none if it is not there or no number. */
export function annotatedNumber({ metadata }: ApiObject, name: string): number | undefined {
  const text = metadata.annotations?.[name]
  return text !== undefined && /^-?[0-9]+$/.test(text) ? Number(text) : undefined
}

export const revisionOf = (object: ApiObject): number => annotatedNumber(object, REVISION) ?? 0

/** The oldest first; those of one second by name. */
export function byAge(a: ApiObject, b: ApiObject): number {
  const [createdA, createdB] = [a, b].map((each) => timeToMs(each.metadata.creationTimestamp) ?? 0)
  if (createdA !== createdB) return createdA! - createdB!
  return a.metadata.name < b.metadata.name ? -1 : 1
}

export interface Fenceposts {
  readonly surge: number
  readonly unavailable: number
}

/** How many pods there may be too many or too few; never both none, or nothing could move. */
export function fenceposts(
  { maxSurge, maxUnavailable }: { maxSurge: IntOrString; maxUnavailable: IntOrString },
  replicas: number,
): Fenceposts {
  const surge = scaledValue(maxSurge, replicas, true)
  const unavailable = scaledValue(maxUnavailable, replicas, false)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}
