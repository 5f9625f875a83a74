/** The Targets cell of a HorizontalPodAutoscaler: `cpu: 45%/80%, 7/10 + 1 more...`. */
import type { MetricSpec, MetricTarget } from '../parts/autoscaling/metric-source.ts'
import type { MetricStatus, MetricValueStatus } from '../parts/autoscaling/metric-status.ts'

const shownMax = 2
const unknown = '<unknown>'

export function targetsText(
  specs: readonly MetricSpec[],
  statuses: readonly MetricStatus[],
): string {
  if (!specs.length) return '<none>'
  const shown = specs.slice(0, shownMax).map((spec, at) => targetText(spec, statuses[at]))
  const text = shown.join(', ')
  return specs.length > shownMax ? `${text} + ${specs.length - shownMax} more...` : text
}

function targetText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current)
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current)
    case 'Pods':
      return pair(status?.pods?.current.averageValue, spec.pods?.target.averageValue)
    case 'Resource':
      return `${spec.resource?.name}: ${resourceText(spec.resource?.target, status?.resource?.current)}`
    case 'ContainerResource': {
      const { containerResource: source } = spec
      return `${source?.name}: ${resourceText(source?.target, status?.containerResource?.current)}`
    }
    default:
      return '<unknown type>'
  }
}

function valueText(
  target: MetricTarget | undefined,
  current: MetricValueStatus | undefined,
): string {
  if (target?.averageValue === undefined) return pair(current?.value, target?.value)
  return `${pair(current?.averageValue, target.averageValue)} (avg)`
}

function resourceText(
  target: MetricTarget | undefined,
  current: MetricValueStatus | undefined,
): string {
  if (target?.averageValue !== undefined) return pair(current?.averageValue, target.averageValue)
  const wanted = target?.averageUtilization
  return pair(percent(current?.averageUtilization), percent(wanted) ?? '<auto>')
}

const percent = (value: number | undefined) => (value === undefined ? undefined : `${value}%`)

function pair(current: string | undefined, target: string | undefined): string {
  return `${current ?? unknown}/${target ?? unknown}`
}
