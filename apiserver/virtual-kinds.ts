/**
 * Kinds that are never stored: questions, which are created and answered at once, and views of what
 * is known otherwise. Each is one file in `virtual/`; this is the list.
 */
import { qualified } from '#api/status.ts'
import type { Handler } from './dispatch.ts'
import { nodeMetrics, podMetrics } from './metrics-api/metrics.ts'
import type { Resource } from './resources.ts'
import { bindPod } from './subresources/binding.ts'
import { reviewOwnAccess, reviewSubject } from './virtual/access-reviews.ts'
import { componentStatuses } from './virtual/component-statuses.ts'
import { reviewOwnRules } from './virtual/rules-reviews.ts'
import { reviewSelf } from './virtual/self-subject-reviews.ts'
import { reviewToken } from './virtual/token-reviews.ts'

/** By plural and group. */
const answers: Readonly<Record<string, Handler>> = {
  bindings: bindPod,
  componentstatuses: componentStatuses,
  'nodes.metrics.k8s.io': nodeMetrics,
  'pods.metrics.k8s.io': podMetrics,
  'localsubjectaccessreviews.authorization.k8s.io': reviewSubject,
  'selfsubjectaccessreviews.authorization.k8s.io': reviewOwnAccess,
  'selfsubjectreviews.authentication.k8s.io': reviewSelf,
  'selfsubjectrulesreviews.authorization.k8s.io': reviewOwnRules,
  'subjectaccessreviews.authorization.k8s.io': reviewSubject,
  'tokenreviews.authentication.k8s.io': reviewToken,
}

/** A definition may have taken the place of such a kind. */
export const virtualAnswer = (resource: Resource): Handler | undefined =>
  resource.isCustom ? undefined : answers[qualified(resource)]
