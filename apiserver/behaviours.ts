/** The list of behaviours, and which resource has which. */
import { qualified } from '#api/status.ts'
import type { Behaviour, BehaviourCall } from './behaviour.ts'
import { certificateRequests } from './behaviours/certificate-requests.ts'
import { jobs } from './behaviours/jobs.ts'
import { services } from './behaviours/services.ts'
import type { RequestContext, ServerParts } from './request-context.ts'
import type { Resource } from './resources.ts'

const behaviours: readonly Behaviour[] = [certificateRequests, jobs, services]

const known = new WeakMap<Resource, Behaviour | 'none'>()

export function behaviourOf(resource: Resource): Behaviour | undefined {
  let found = known.get(resource)
  if (!found) {
    const name = qualified(resource)
    found = behaviours.find((each) => each.resources.includes(name)) ?? 'none'
    known.set(resource, found)
  }
  return found === 'none' ? undefined : found
}

export const behaviourCall = (
  { user }: Pick<RequestContext, 'user'>,
  parts: ServerParts,
  { dryRun, subresource }: { readonly dryRun: boolean; readonly subresource: string },
): BehaviourCall => ({ parts, user, now: parts.clock.now(), dryRun, subresource })
