/** A request for a certificate notes who made it; decisions about it are dated. */
import {
  type CertificateSigningRequest,
  setRequester,
} from '#api/kinds/certificates/certificate-signing-request.ts'
import { stampCertificateConditions } from '#api/rules/certificate-conditions.ts'
import { epochToTime } from '#api/time.ts'
import type { Behaviour } from '../behaviour.ts'
import type { User } from '../request-context.ts'

export const certificateRequests: Behaviour = {
  resources: ['certificatesigningrequests.certificates.k8s.io'],
  creating(object, { user, now }) {
    const { spec, status } = object as unknown as CertificateSigningRequest
    setRequester(spec, requesterOf(user))
    stampCertificateConditions(status.conditions, undefined, timeOf(now))
    return []
  },
  updating(next, previous, { now, subresource }) {
    if (!subresource) return []
    const [after, before] = [next, previous] as unknown as CertificateSigningRequest[]
    stampCertificateConditions(after!.status.conditions, before!.status.conditions, timeOf(now))
    return []
  },
}

function requesterOf({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid && { uid }),
    ...(groups.length && { groups: [...groups] }),
    ...(extra && { extra: structuredClone(extra) }),
  }
}

const timeOf = (now: number): string => epochToTime(Math.floor(now / 1000))
