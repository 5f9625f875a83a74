/** Autoscalers: bounds, metrics with a target each, and how fast they may scale. */
import type {
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
} from '../kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { isDnsLabel, isPathSegmentName } from '../names.ts'
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ResourceMetricSource,
} from '../parts/autoscaling/metric-source.ts'
import type { HPAScalingPolicy, HPAScalingRules } from '../parts/autoscaling/scaling-behavior.ts'
import type { Path, Problems } from '../problems.ts'
import { quantitySign } from '../quantity.ts'
import { checkContainerResourceName } from './resource-names.ts'
import { validateCounters } from './workload.ts'

const periodSecondsMax = 1800
const stabilizationWindowSecondsMax = 3600

export function validateAutoscalerSpec(
  spec: HorizontalPodAutoscalerSpec,
  at: Path,
  problems: Problems,
): void {
  const { minReplicas, maxReplicas = 0, behavior } = spec
  if (minReplicas < 1) {
    problems.invalid(at.child('minReplicas'), minReplicas, 'must be greater than or equal to 1')
  }
  const maxReplicasAt = at.child('maxReplicas')
  if (maxReplicas < 1) problems.invalid(maxReplicasAt, maxReplicas, 'must be greater than 0')
  if (maxReplicas < minReplicas) {
    problems.invalid(maxReplicasAt, maxReplicas, 'must be greater than or equal to `minReplicas`')
  }
  validateReference(spec.scaleTargetRef, at.child('scaleTargetRef'), problems)
  validateMetrics(spec.metrics ?? [], minReplicas, at.child('metrics'), problems)
  const behaviorAt = at.child('behavior')
  if (behavior?.scaleUp) validateRules(behavior.scaleUp, behaviorAt.child('scaleUp'), problems)
  if (behavior?.scaleDown) {
    validateRules(behavior.scaleDown, behaviorAt.child('scaleDown'), problems)
  }
}

export function validateAutoscalerStatus(
  status: HorizontalPodAutoscalerStatus,
  at: Path,
  problems: Problems,
): void {
  validateCounters(status, ['currentReplicas', 'desiredReplicas'], at, problems)
}

function validateReference(
  reference: CrossVersionObjectReference,
  at: Path,
  problems: Problems,
): void {
  for (const name of ['kind', 'name'] as const) {
    const text = reference[name]
    if (!text) problems.required(at.child(name))
    else for (const each of isPathSegmentName(text)) problems.invalid(at.child(name), text, each)
  }
}

function validateMetrics(
  metrics: readonly MetricSpec[],
  minReplicas: number,
  at: Path,
  problems: Problems,
): void {
  for (const [position, metric] of metrics.entries()) {
    validateMetric(metric, at.index(position), problems)
  }
  if (minReplicas !== 0) return
  if (metrics.some(({ type }) => type === 'Object' || type === 'External')) return
  const detail =
    'must specify at least one Object or External metric to support scaling to zero replicas'
  problems.forbidden(at, detail)
}

/** In the order in which upstream looks at them: only the first one that is set is judged. */
const sources = {
  object: 'Object',
  external: 'External',
  pods: 'Pods',
  resource: 'Resource',
  containerResource: 'ContainerResource',
} as const

function validateMetric(metric: MetricSpec, at: Path, problems: Problems): void {
  const { type } = metric
  const supported = Object.values(sources)
  const typeAt = at.child('type')
  if (!type) problems.required(typeAt, 'must specify a metric source type')
  if (!supported.includes(type)) problems.notSupported(typeAt, type, supported)
  const names = Object.keys(sources) as (keyof typeof sources)[]
  const present = names.filter((name) => metric[name])
  if (present[0]) validateSource(metric, present[0], at.child(present[0]), problems)
  const expected = names.find((name) => sources[name] === type)
  if (expected && !metric[expected]) {
    const detail = 'must populate information for the given metric source'
    problems.required(at.child(expected), detail)
  }
  // Upstream looks at the type twice, and says so twice.
  if (!expected) problems.notSupported(typeAt, type, supported)
  if (present.length === 1) return
  for (const name of present) {
    if (name === expected) continue
    problems.forbidden(at.child(name), 'must populate the given metric source only')
  }
}

function validateSource(
  metric: MetricSpec,
  name: keyof typeof sources,
  at: Path,
  problems: Problems,
): void {
  if (metric.object && name === 'object') {
    validateReference(metric.object.describedObject, at.child('describedObject'), problems)
    validateNamed(metric.object, at, problems)
    const detail = 'must set either a target value or averageValue'
    requireValue(metric.object.target, detail, at.child('target'), problems)
  } else if (metric.external && name === 'external') {
    validateExternal(metric.external, at, problems)
  } else if (metric.pods && name === 'pods') {
    validateNamed(metric.pods, at, problems)
    if (metric.pods.target.averageValue !== undefined) return
    const detail = 'must specify a positive target averageValue'
    problems.required(at.child('target').child('averageValue'), detail)
  } else if (metric.resource && name === 'resource') {
    validateResource(metric.resource, at, problems)
  } else if (metric.containerResource) {
    validateContainerResource(metric.containerResource, at, problems)
  }
}

interface NamedSource {
  readonly metric: MetricIdentifier
  readonly target: MetricTarget
}

function validateNamed({ metric, target }: NamedSource, at: Path, problems: Problems): void {
  const nameAt = at.child('metric').child('name')
  if (!metric.name) problems.required(nameAt, 'must specify a metric name')
  else
    for (const each of isPathSegmentName(metric.name)) problems.invalid(nameAt, metric.name, each)
  validateTarget(target, at.child('target'), problems)
}

function requireValue(target: MetricTarget, detail: string, at: Path, problems: Problems): void {
  if (target.value !== undefined || target.averageValue !== undefined) return
  problems.required(at.child('averageValue'), detail)
}

function validateExternal(source: NamedSource, at: Path, problems: Problems): void {
  validateNamed(source, at, problems)
  const { target } = source
  const targetAt = at.child('target')
  const missing = 'must set either a target value for metric or a per-pod target'
  requireValue(target, missing, targetAt, problems)
  if (target.value === undefined || target.averageValue === undefined) return
  const both = 'may not set both a target value for metric and a per-pod target'
  problems.forbidden(targetAt.child('value'), both)
}

function validateContainerResource(
  source: ContainerResourceMetricSource,
  at: Path,
  problems: Problems,
): void {
  const { name, container } = source
  if (!name) problems.required(at.child('name'), 'must specify a resource name')
  else checkContainerResourceName(name, at.child('name'), problems)
  const containerAt = at.child('container')
  if (!container) problems.required(containerAt, 'must specify a container')
  else for (const each of isDnsLabel(container)) problems.invalid(containerAt, container, each)
  validateUse(source.target, at.child('target'), problems)
}

function validateResource(source: ResourceMetricSource, at: Path, problems: Problems): void {
  if (!source.name) problems.required(at.child('name'), 'must specify a resource name')
  validateUse(source.target, at.child('target'), problems)
}

/** Of a resource there is a value for each pod or a percentage, and not both. */
function validateUse(target: MetricTarget, at: Path, problems: Problems): void {
  validateTarget(target, at, problems)
  const { averageUtilization, averageValue } = target
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization'
    problems.required(at.child('averageUtilization'), detail)
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization'
    problems.forbidden(at.child('averageValue'), detail)
  }
}

function validateTarget(target: MetricTarget, at: Path, problems: Problems): void {
  const { type, averageUtilization } = target
  const typeAt = at.child('type')
  if (!type) problems.required(typeAt, 'must specify a metric target type')
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    problems.invalid(typeAt, type, 'must be either Utilization, Value, or AverageValue')
  }
  for (const name of ['value', 'averageValue'] as const) {
    const amount = target[name]
    if (amount === undefined || quantitySign(amount) > 0) continue
    problems.invalid(at.child(name), amount, 'must be positive')
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    problems.invalid(at.child('averageUtilization'), averageUtilization, 'must be greater than 0')
  }
}

function validateRules(rules: HPAScalingRules, at: Path, problems: Problems): void {
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies, tolerance } = rules
  const windowAt = at.child('stabilizationWindowSeconds')
  if (window < 0) problems.invalid(windowAt, window, 'must be greater than or equal to zero')
  if (window > stabilizationWindowSecondsMax) {
    const detail = `must be less than or equal to ${stabilizationWindowSecondsMax}`
    problems.invalid(windowAt, window, detail)
  }
  const selections = ['Disabled', 'Max', 'Min']
  if (selectPolicy !== undefined && !selections.includes(selectPolicy)) {
    problems.notSupported(at.child('selectPolicy'), selectPolicy, selections)
  }
  const policiesAt = at.child('policies')
  if (!policies?.length) problems.required(policiesAt, 'must specify at least one Policy')
  for (const [position, policy] of (policies ?? []).entries()) {
    validatePolicy(policy, policiesAt.index(position), problems)
  }
  if (tolerance !== undefined && quantitySign(tolerance) < 0) {
    const detail = 'must be greater than or equal to 0'
    problems.invalid(at.child('tolerance'), tolerance, detail)
  }
}

function validatePolicy(policy: HPAScalingPolicy, at: Path, problems: Problems): void {
  const { type, value, periodSeconds } = policy
  if (type !== 'Pods' && type !== 'Percent') {
    problems.notSupported(at.child('type'), type, ['Percent', 'Pods'])
  }
  if (value <= 0) problems.invalid(at.child('value'), value, 'must be greater than zero')
  const periodAt = at.child('periodSeconds')
  if (periodSeconds <= 0) problems.invalid(periodAt, periodSeconds, 'must be greater than zero')
  if (periodSeconds > periodSecondsMax) {
    const detail = `must be less than or equal to ${periodSecondsMax}`
    problems.invalid(periodAt, periodSeconds, detail)
  }
}
