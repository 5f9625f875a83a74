/**
 * How many nodes of a zone may lose their pods in a time. Where most nodes seem to fail at once, it
 * is likelier that they cannot be reached, and that moving all pods would make things worse.
 */
import type { Node } from '#api/kinds/core/node.ts'
import { readyCondition } from './node-facts.ts'

export interface EvictionRates {
  /** Nodes in a second that are tainted where all is well. */
  readonly usualRate: number
  /** In a zone with many nodes of which too many are not ready. */
  readonly reducedRate: number
  /** Zones with no more nodes than this are left alone when too many are not ready. */
  readonly smallZoneMax: number
  /** Share of nodes that are not ready from which on too many are. */
  readonly unhealthyShare: number
}

/** As upstream. */
export const usualRates: EvictionRates = {
  usualRate: 0.1,
  reducedRate: 0.01,
  smallZoneMax: 50,
  unhealthyShare: 0.55,
}

const REGION = 'topology.kubernetes.io/region'
const ZONE = 'topology.kubernetes.io/zone'
const OLD_REGION = 'failure-domain.beta.kubernetes.io/region'
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone'
const EXCLUDED = 'node.kubernetes.io/exclude-disruption'
/** Two nodes that fail together say nothing about their zone. */
const FEW_MAX = 2

type ZoneState = 'normal' | 'partial disruption' | 'full disruption'

export interface Zone {
  readonly state: ZoneState
  /** Nodes in a second that may be tainted. */
  readonly rate: number
}

export interface Zones {
  readonly byKey: ReadonlyMap<string, Zone>
  /** No node anywhere is ready: it is us who cannot see them. */
  readonly areAllDisrupted: boolean
}

export function zoneKeyOf({ metadata }: Node): string {
  const { labels = {} } = metadata
  return `${labels[REGION] ?? labels[OLD_REGION] ?? ''}/${labels[ZONE] ?? labels[OLD_ZONE] ?? ''}`
}

interface Count {
  ready: number
  notReady: number
}

export function planZones(nodes: readonly Node[], rates: EvictionRates): Zones {
  const counts = new Map<string, Count>()
  for (const node of nodes) {
    if (node.metadata.labels?.[EXCLUDED] !== undefined) continue
    const key = zoneKeyOf(node)
    const count = counts.get(key) ?? { ready: 0, notReady: 0 }
    if (readyCondition(node)?.status === 'True') count.ready++
    else count.notReady++
    counts.set(key, count)
  }
  const all = [...counts].map(([key, count]) => [key, zoneFor(count, rates)] as const)
  const areAllDisrupted =
    all.length > 0 && all.every(([, { state }]) => state === 'full disruption')
  return { byKey: new Map(all), areAllDisrupted }
}

function zoneFor({ ready, notReady }: Count, rates: EvictionRates): Zone {
  const total = ready + notReady
  if (ready === 0) return { state: 'full disruption', rate: rates.usualRate }
  if (notReady > FEW_MAX && notReady / total >= rates.unhealthyShare) {
    const rate = total > rates.smallZoneMax ? rates.reducedRate : 0
    return { state: 'partial disruption', rate }
  }
  return { state: 'normal', rate: rates.usualRate }
}

/** Hands out leave to taint a node, zone by zone, so many in a second. */
export class ZoneLimits {
  readonly #nextAt = new Map<string, number>()

  /** 0 when it may be done now; else how long to wait, or undefined when nobody can tell. */
  take(zone: string, rate: number, nowMs: number): number | undefined {
    if (rate <= 0) return undefined
    const intervalMs = 1000 / rate
    // A wait that began at a slower rate ends as the present one has it.
    const nextAt = Math.min(this.#nextAt.get(zone) ?? nowMs, nowMs + intervalMs)
    if (nextAt > nowMs) {
      this.#nextAt.set(zone, nextAt)
      return nextAt - nowMs
    }
    this.#nextAt.set(zone, nowMs + intervalMs)
    return 0
  }
}
