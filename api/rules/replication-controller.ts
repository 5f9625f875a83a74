/** ReplicationControllers: like ReplicaSets, with a selector that the template may give. */
import { isDeepStrictEqual } from 'node:util'
import type {
  ReplicationControllerSpec,
  ReplicationControllerStatus,
} from '../kinds/core/replication-controller.ts'
import { isDnsLabel } from '../names.ts'
import type { ObjectMeta } from '../parts/meta/object-meta.ts'
import { Path, type Problems } from '../problems.ts'
import { warningsForTemplate } from './pods/warnings.ts'
import { validateCounters, validateLastingTemplate, validateNotAbove } from './workload.ts'

interface Controller {
  readonly metadata: ObjectMeta
  readonly spec: ReplicationControllerSpec
}

const templatePath = Path.root.child('spec').child('template')

/** A controller that says nothing else is about the pods that it makes. */
export function defaultFromTemplate({ metadata, spec }: Controller): void {
  const labels = spec.template?.metadata.labels
  if (!labels) return
  spec.selector ??= { ...labels }
  metadata.labels ??= { ...labels }
}

export function validateReplicationControllerSpec(
  spec: ReplicationControllerSpec,
  at: Path,
  problems: Problems,
): void {
  const { selector, template } = spec
  validateCounters(spec, ['minReadySeconds'], at, problems)
  if (!selector) problems.required(at.child('selector'))
  validateCounters(spec, ['replicas'], at, problems)
  const place = at.child('template')
  if (!template) {
    problems.required(place)
    return
  }
  const { labels } = template.metadata
  if (Object.entries(selector ?? {}).some(([key, value]) => labels?.[key] !== value)) {
    const detail = '`selector` does not match template `labels`'
    problems.invalid(place.child('metadata').child('labels'), labels ?? null, detail)
  }
  validateLastingTemplate(template, 'ReplicationController', place, problems)
}

export function validateReplicationControllerStatus(
  status: ReplicationControllerStatus,
  at: Path,
  problems: Problems,
): void {
  const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const
  validateCounters(status, ['replicas', ...parts, 'observedGeneration'], at, problems)
  const replicas = { value: status.replicas, name: 'status.replicas' }
  validateNotAbove(status, parts, replicas, at, problems)
  const ready = { value: status.readyReplicas, name: 'readyReplicas' }
  validateNotAbove(status, ['availableReplicas'], ready, at, problems)
}

export function warningsForReplicationController(
  { metadata, spec }: Controller,
  previous: Controller | undefined,
): readonly string[] {
  if (previous && isDeepStrictEqual(spec, previous.spec)) return []
  const warnings = spec.template ? [...warningsForTemplate(spec.template, templatePath)] : []
  const problems = previous ? [] : isDnsLabel(metadata.name)
  if (problems.length) {
    const advice = 'which can result in surprising behavior; a DNS label is recommended'
    const list = `[${problems.join(' ')}]`
    warnings.unshift(`metadata.name: this is used in Pod names and hostnames, ${advice}: ${list}`)
  }
  return warnings
}
