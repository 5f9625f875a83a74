/** Priority: pods get the number that their priority class stands for. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PriorityClass } from '#api/kinds/scheduling/priority-class.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
} from './admission.ts'
import type { CachedObjects } from './object-cache.ts'
import { refused } from './refusals.ts'

type Classes = CachedObjects<PriorityClass>
type PreemptionPolicy = NonNullable<Pod['spec']['preemptionPolicy']>

export function priority({ cache }: AdmissionContext): AdmissionPlugin {
  const classes: Classes = cache.of('priorityclasses', 'scheduling.k8s.io')
  return {
    name: 'Priority',
    handles: (attributes) =>
      attributes.subresource === '' &&
      (attributes.operation === 'CREATE' || attributes.operation === 'UPDATE') &&
      (isAbout(attributes, 'pods') || isAbout(attributes, 'priorityclasses', 'scheduling.k8s.io')),
    mutate(attributes) {
      if (!isAbout(attributes, 'pods')) return
      if (attributes.operation === 'CREATE') resolvePriority(attributes, classes)
      else keepPriority(attributes)
    },
    validate(attributes) {
      if (!isAbout(attributes, 'pods')) checkDefault(attributes, classes)
    },
  }
}

function resolvePriority(attributes: Attributes, classes: Classes): void {
  const { spec } = attributes.object as unknown as Pod
  const name = spec.priorityClassName
  const found = name ? classes.get('', name) : defaultClass(classes)
  if (name && !found) throw refused(attributes, `no PriorityClass with name ${name} was found`)
  if (found) spec.priorityClassName = found.metadata.name
  const value = found?.value ?? 0
  const policy = (found?.preemptionPolicy ?? 'PreemptLowerPriority') as PreemptionPolicy
  const computed = (what: unknown): string =>
    `must not be provided in pod spec; priority admission controller computed ${what} ` +
    'from the given PriorityClass name'
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) ${computed(value)}`
    throw refused(attributes, why)
  }
  spec.priority = value
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const given = `the string value of PreemptionPolicy (${spec.preemptionPolicy})`
    throw refused(attributes, `${given} ${computed(policy)}`)
  }
  spec.preemptionPolicy = policy
}

/** Clients of old, which know neither field, leave them out of what they send back. */
function keepPriority({ object, old }: Attributes): void {
  const [next, previous] = [object, old] as unknown as [Pod, Pod]
  const { priority: value, preemptionPolicy } = previous.spec
  if (value !== undefined) next.spec.priority ??= value
  if (preemptionPolicy !== undefined) next.spec.preemptionPolicy ??= preemptionPolicy
}

/** Two may have become the default at the same moment: then the lesser one counts. */
function defaultClass(classes: Classes): PriorityClass | undefined {
  let found: PriorityClass | undefined
  for (const each of classes.list('')) {
    if (each.globalDefault && (!found || each.value < found.value)) found = each
  }
  return found
}

function checkDefault(attributes: Attributes, classes: Classes): void {
  const { globalDefault, metadata } = attributes.object as unknown as PriorityClass
  const present = globalDefault ? defaultClass(classes) : undefined
  if (!present) return
  if (attributes.operation === 'UPDATE' && present.metadata.name === metadata.name) return
  const why = `PriorityClass ${present.metadata.name} is already marked as default.`
  throw refused(attributes, `${why} Only one default can exist`)
}
