/**
 * The annotations in which v1 autoscalers carry what only v2 has fields for. Metrics are in an
 * older form of their own; the behavior is under the names of upstream's Go fields.
 */
import { decode } from '../decode.ts'
import { DecodeError } from '../decode-error.ts'
import {
  type HorizontalPodAutoscalerCondition,
  horizontalPodAutoscalerCondition,
} from '../kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { type MetricSpec, metricSpec } from '../parts/autoscaling/metric-source.ts'
import { type MetricStatus, metricStatus } from '../parts/autoscaling/metric-status.ts'
import {
  type HorizontalPodAutoscalerBehavior,
  type HPAScalingRules,
  horizontalPodAutoscalerBehavior,
} from '../parts/autoscaling/scaling-behavior.ts'
import { listOf, type Schema } from '../schema.ts'
import {
  newerSpec,
  newerStatus,
  type Older,
  olderSpec,
  olderStatus,
} from './autoscaler-older-metrics.ts'

const metricSpecs = listOf(metricSpec)
const metricStatuses = listOf(metricStatus)
const conditionList = listOf(horizontalPodAutoscalerCondition)
const behaviors = listOf(horizontalPodAutoscalerBehavior)

export function metricsText(metrics: readonly MetricSpec[]): string {
  return JSON.stringify(metrics.map(olderSpec))
}

export function metricsFromText(text: string | undefined): MetricSpec[] {
  return parsed(text, metricSpecs, (each) => newerSpec(each as Older))
}

export function statusesText(statuses: readonly MetricStatus[]): string {
  return JSON.stringify(statuses.map(olderStatus))
}

export function statusesFromText(text: string | undefined): MetricStatus[] {
  return parsed(text, metricStatuses, (each) => newerStatus(each as Older))
}

export function conditionsText(conditions: readonly HorizontalPodAutoscalerCondition[]): string {
  return JSON.stringify(conditions)
}

export function conditionsFromText(text: string | undefined): HorizontalPodAutoscalerCondition[] {
  return parsed(text, conditionList, (each) => each)
}

export function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  return JSON.stringify({ ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) })
}

function goRules(rules: HPAScalingRules | undefined): object | null {
  if (!rules) return null
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies:
      rules.policies?.map(({ type, value, periodSeconds }) => ({
        Type: type,
        Value: value,
        PeriodSeconds: periodSeconds,
      })) ?? null,
    Tolerance: rules.tolerance ?? null,
  }
}

export function behaviorFromText(
  text: string | undefined,
): HorizontalPodAutoscalerBehavior | undefined {
  const [behavior] = parsed(text && `[${text}]`, behaviors, withLowerNames)
  return behavior
}

/** Go's names with their first letter in lower case, which are those of the fields. */
function withLowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLowerNames)
  if (typeof value !== 'object' || value === null) return value
  const lowered = Object.entries(value).map(([name, each]) => {
    return [name.charAt(0).toLowerCase() + name.slice(1), withLowerNames(each)]
  })
  return Object.fromEntries(lowered)
}

/** An annotation that does not parse counts as absent, as upstream has it: users can write any. */
function parsed<T>(
  text: string | undefined,
  schema: Schema<T[]>,
  newer: (older: unknown) => unknown,
): T[] {
  if (!text) return []
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? decode(schema, list.filter(isObject).map(newer)) : []
  } catch (error) {
    if (isUnreadable(error)) return []
    throw error
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || error instanceof DecodeError
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
