/** Rules about the resources of a pod as a whole, which its containers share. */
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { ResourceRequirements } from '../../parts/core/resources.ts'
import type { Path, Problems } from '../../problems.ts'
import { compareQuantities } from '../../quantity.ts'
import { containerAmounts, isPodLevelResource } from '../pod-resources.ts'
import { validatePodLevelResources } from './resources.ts'

export function validatePodLevel(
  spec: PodSpec,
  resources: ResourceRequirements,
  at: Path,
  problems: Problems,
): void {
  validatePodLevelResources(resources, at, problems)
  for (const [name, amount] of containerAmounts(spec, 'requests')) {
    if (!isPodLevelResource(name)) continue
    const request = resources.requests?.[name] ?? '0'
    if (compareQuantities(amount, request) <= 0) continue
    const detail = `must be greater than or equal to aggregate container requests of ${amount.text}`
    problems.invalid(at.child('requests').key(name), request, detail)
  }
  for (const [position, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources.limits ?? {})) {
      if (!isPodLevelResource(name)) continue
      const ofPod = resources.limits?.[name]
      if (ofPod === undefined || compareQuantities(limit, ofPod) <= 0) continue
      const place = at.child('containers').index(position).key(name).child('limits')
      problems.invalid(place, limit, `must be less than or equal to pod limits of ${ofPod}`)
    }
  }
}
