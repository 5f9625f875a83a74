/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  nonResourceAttributes,
  resourceAttributes,
  subjectAccessReviewStatus,
} from '../../parts/authorization/access-review.ts'
import { always, omitEmpty, optional, type Stored, struct } from '../../schema.ts'

export const selfSubjectAccessReviewSpec = struct(
  'authorization.v1.SelfSubjectAccessReviewSpec',
  '',
  {
    resourceAttributes: optional(1, resourceAttributes, ''),
    nonResourceAttributes: optional(2, nonResourceAttributes, ''),
  },
)
export interface SelfSubjectAccessReviewSpec extends Stored<typeof selfSubjectAccessReviewSpec> {}

export const SelfSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: '',
  fields: {
    spec: always(2, selfSubjectAccessReviewSpec, ''),
    status: omitEmpty(3, subjectAccessReviewStatus, ''),
  },
})
export interface SelfSubjectAccessReview extends Stored<typeof SelfSubjectAccessReview> {}
