/** What a stricter standard would say about the pods that a namespace has already. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { AdmissionContext } from '../admission.ts'
import { evaluate, reasonsOf } from './evaluate.ts'
import { type Standard, standardName } from './level.ts'

/** No label is worth more time than this. */
const PODS_MAX = 3_000
const TIME_MAX_MS = 1_000

export function podsWarnings(
  { store, resources, clock }: AdmissionContext,
  namespace: string,
  enforce: Standard,
): string[] {
  const pods = resources.find('', 'v1', 'pods')!
  const prefix = pods.prefixOf(namespace)
  const { entries } = store.list(prefix, { limit: PODS_MAX })
  const total = store.count(prefix)
  const begunAt = clock.monotonic()
  const names = new Map<string, string[]>()
  let checked = 0
  for (const entry of entries) {
    const pod = pods.parse(entry) as unknown as Pod
    const reasons = reasonsOf(evaluate(enforce, pod))
    if (reasons) names.set(reasons, [...(names.get(reasons) ?? []), pod.metadata.name])
    checked++
    if (clock.monotonic() - begunAt > TIME_MAX_MS) break
  }
  const standard = standardName(enforce)
  return [
    ...(checked < total ? [incomplete(checked, total)] : []),
    ...(names.size ? [violated(namespace, standard)] : []),
    ...[...names].map(([reasons, of]) => `${shownNames(of)}: ${reasons}`).sort(),
  ]
}

const incomplete = (checked: number, total: number): string =>
  `new PodSecurity enforce level only checked against the first ${checked} of ${total} existing pods`

const violated = (namespace: string, standard: string): string =>
  `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${standard}"`

/** In the order of names, as the store lists them. */
function shownNames([first, ...others]: readonly string[]): string {
  if (!others.length) return first!
  const word = others.length === 1 ? 'pod' : 'pods'
  return `${first} (and ${others.length} other ${word})`
}
