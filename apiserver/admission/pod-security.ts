/** PodSecurity: pods keep to the standard that the labels of their namespace name. */
import { isDeepStrictEqual } from 'node:util'
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { internalError, invalid, qualified } from '#api/status.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
} from './admission.ts'
import type { CachedObjects } from './object-cache.ts'
import type { Subject } from './pod-security/check.ts'
import { detailOf, evaluate } from './pod-security/evaluate.ts'
import { isOpen, isStricter, type Policy, policyOf, standardName } from './pod-security/level.ts'
import { isSignificant } from './pod-security/significant-change.ts'
import { podsWarnings } from './pod-security/standing-pods.ts'
import { subjectOf } from './pod-security/subject.ts'
import { refused } from './refusals.ts'

/** Subresources of pods that leave alone what the standards are about. */
const harmless = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
])

const annotationPrefix = 'pod-security.kubernetes.io/'

export function podSecurity(context: AdmissionContext): AdmissionPlugin {
  const namespaces = context.cache.of<Namespace>('namespaces')
  const policies = new WeakMap<Namespace, Policy>()
  const policyFor = (attributes: Attributes): Policy => {
    const namespace = knownNamespace(namespaces, attributes.namespace)
    let policy = policies.get(namespace)
    if (!policy) {
      policy = policyOf(namespace.metadata.labels)
      policies.set(namespace, policy)
    }
    return policy
  }
  return {
    name: 'PodSecurity',
    handles: ({ operation, resource, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      (resource.plural === 'pods' ? !harmless.has(subresource) : subresource === '') &&
      (subjectOf.has(qualified(resource)) || qualified(resource) === 'namespaces'),
    validate(attributes) {
      if (isAbout(attributes, 'namespaces')) checkNamespace(context, attributes)
      else checkSubject(attributes, policyFor(attributes))
    },
  }
}

function knownNamespace(namespaces: CachedObjects<Namespace>, name: string): Namespace {
  const found = namespaces.get('', name)
  if (!found) throw internalError(`failed to lookup namespace "${name}"`)
  return found
}

function checkSubject(attributes: Attributes, policy: Policy): void {
  if (isOpen(policy)) return
  const isPod = isAbout(attributes, 'pods')
  if (isPod && attributes.operation === 'UPDATE') {
    const [next, previous] = [attributes.object, attributes.old] as unknown as [Pod, Pod]
    if (!isSignificant(next, previous)) return
  }
  const subject = subjectOf.get(qualified(attributes.resource))!(attributes.object!)
  if (subject) judge(attributes, policy, subject, isPod)
}

/** Only pods themselves are refused: whoever makes them from a template is warned in time. */
function judge(attributes: Attributes, policy: Policy, subject: Subject, isPod: boolean): void {
  const { enforce, audit, warn, problems } = policy
  const { auditAnnotations, warnings } = attributes
  if (problems.length) {
    const texts = problems.map(({ field, message }) => `${field}: ${message}`)
    auditAnnotations?.set(`${annotationPrefix}error`, `Failed to parse policy: ${texts.join(', ')}`)
  }
  const audited = evaluate(audit, subject)
  if (audited.length) {
    const text = `would violate PodSecurity "${standardName(audit)}": ${detailOf(audited)}`
    auditAnnotations?.set(`${annotationPrefix}audit-violations`, text)
  }
  if (isPod) {
    auditAnnotations?.set(`${annotationPrefix}enforce-policy`, standardName(enforce))
    const found = evaluate(enforce, subject)
    if (found.length) {
      const standard = standardName(enforce)
      throw refused(attributes, `violates PodSecurity "${standard}": ${detailOf(found)}`)
    }
  }
  const found = evaluate(warn, subject)
  if (found.length) {
    warnings.push(`would violate PodSecurity "${standardName(warn)}": ${detailOf(found)}`)
  }
}

function checkNamespace(context: AdmissionContext, attributes: Attributes): void {
  const { object, old, resource, warnings } = attributes
  const { labels, name } = object!.metadata
  const next = policyOf(labels)
  const previous = old && policyOf(old.metadata.labels)
  const isNews = !previous || !isDeepStrictEqual(next.problems, previous.problems)
  if (next.problems.length && isNews) throw invalid(resource.kind, name, next.problems)
  if (!previous) return
  const { level, minor } = next.enforce
  if (level === 'privileged' || isDeepStrictEqual(next.enforce, previous.enforce)) return
  if (minor === previous.enforce.minor && !isStricter(level, previous.enforce.level)) return
  warnings.push(...podsWarnings(context, name, next.enforce))
}
