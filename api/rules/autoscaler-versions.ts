/**
 * One autoscaler, two versions: v1 has no place for most of what v2 says, so that it travels in
 * annotations. Both ways, so that a client of either version sees, and keeps, all of it.
 */
import {
  cpuMetric,
  defaultCpuUtilization,
  type HorizontalPodAutoscaler,
  HorizontalPodAutoscaler as NewerAutoscaler,
} from '../kinds/autoscaling/horizontal-pod-autoscaler.ts'
import type {
  HorizontalPodAutoscaler as OlderAutoscaler,
  HorizontalPodAutoscalerSpec as OlderSpec,
  HorizontalPodAutoscalerStatus as OlderStatus,
} from '../kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import type { MetricSpec } from '../parts/autoscaling/metric-source.ts'
import type { MetricStatus } from '../parts/autoscaling/metric-status.ts'
import type { ObjectMeta } from '../parts/meta/object-meta.ts'
import type { Column } from '../table.ts'
import {
  behaviorFromText,
  behaviorText,
  conditionsFromText,
  conditionsText,
  metricsFromText,
  metricsText,
  statusesFromText,
  statusesText,
} from './autoscaler-annotations.ts'

/** What matters of a v1 object here. */
interface OlderForm {
  readonly metadata: ObjectMeta
  readonly spec: OlderSpec
  readonly status: OlderStatus
}

const prefix = 'autoscaling.alpha.kubernetes.io'
const annotation = {
  metrics: `${prefix}/metrics`,
  statuses: `${prefix}/current-metrics`,
  conditions: `${prefix}/conditions`,
  behavior: `${prefix}/behavior`,
} as const

/** The v2 form of a v1 object. */
export function newerAutoscaler(older: OlderForm): HorizontalPodAutoscaler {
  const { metadata, spec, status } = older
  const annotations = metadata.annotations ?? {}
  const behavior = behaviorFromText(annotations[annotation.behavior])
  const conditions = conditionsFromText(annotations[annotation.conditions])
  const { targetCPUUtilizationPercentage: cpu, ...rest } = spec
  const { currentCPUUtilizationPercentage: cpuNow, currentReplicas, ...seen } = status
  const cpuSpecs = cpu === undefined ? [] : [cpuMetric(cpu)]
  const metrics = [...cpuSpecs, ...metricsFromText(annotations[annotation.metrics])]
  const statuses = statusesFromText(annotations[annotation.statuses])
  const cpuStatuses: MetricStatus[] =
    cpuNow === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpuNow } } }]
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(metadata, withoutOurs(annotations)),
    spec: { ...rest, ...(metrics.length && { metrics }), ...(behavior && { behavior }) },
    status: {
      ...seen,
      ...(currentReplicas && { currentReplicas }),
      // The annotation says more than the percentage does.
      currentMetrics: statuses.length ? statuses : cpuStatuses.length ? cpuStatuses : null,
      ...(conditions.length && { conditions }),
    },
  }
}

/** The v1 form of a v2 object. */
export function olderAutoscaler(newer: HorizontalPodAutoscaler): OlderAutoscaler {
  const { metadata, spec, status } = newer
  const { metrics, behavior, ...rest } = spec
  const { currentMetrics, conditions, currentReplicas = 0, ...seen } = status
  const cpu = metrics?.find(({ resource }) => resource?.name === 'cpu')
  const cpuTarget = cpu?.resource?.target.averageUtilization
  const cpuNow = currentMetrics?.findLast(isCpuUse)?.resource?.current.averageUtilization
  const others = (metrics ?? []).filter((metric) => !isCpuTarget(metric))
  const annotations = {
    ...withoutOurs(metadata.annotations ?? {}),
    ...(others.length && { [annotation.metrics]: metricsText(others) }),
    ...(currentMetrics?.length && { [annotation.statuses]: statusesText(currentMetrics) }),
    ...(conditions?.length && { [annotation.conditions]: conditionsText(conditions) }),
    ...(behavior && { [annotation.behavior]: behaviorText(behavior) }),
  }
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(metadata, annotations),
    spec: {
      ...rest,
      ...(cpuTarget !== undefined && { targetCPUUtilizationPercentage: cpuTarget }),
    },
    status: {
      ...seen,
      currentReplicas,
      ...(cpuNow !== undefined && { currentCPUUtilizationPercentage: cpuNow }),
    },
  }
}

/** Without any metric, the usage of the cpu is what counts. */
export function defaultAutoscalerV1({ metadata, spec }: OlderForm): void {
  const others = metricsFromText(metadata.annotations?.[annotation.metrics])
  if (!others.length) spec.targetCPUUtilizationPercentage ??= defaultCpuUtilization
}

/** The columns of v2 about an object of v1. */
export const newerAutoscalerColumns: Column<OlderForm>[] = (NewerAutoscaler.columns ?? []).map(
  (column) => ({
    ...column,
    cell: (older, now) => column.cell(newerAutoscaler(older), now),
  }),
)

function isCpuTarget({ type, resource }: MetricSpec): boolean {
  if (type !== 'Resource' || resource?.name !== 'cpu') return false
  return resource.target.averageUtilization !== undefined
}

function isCpuUse({ type, resource }: MetricStatus): boolean {
  if (type !== 'Resource' || resource?.name !== 'cpu') return false
  return resource.current.averageUtilization !== undefined
}

type Annotations = Record<string, string>

function withoutOurs(annotations: Annotations): Annotations {
  const ours = new Set<string>(Object.values(annotation))
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ours.has(key)))
}

function withAnnotations(metadata: ObjectMeta, annotations: Annotations): ObjectMeta {
  const { annotations: _, ...rest } = metadata
  return Object.keys(annotations).length ? { ...rest, annotations } : rest
}
