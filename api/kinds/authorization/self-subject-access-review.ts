/** SelfSubjectAccessReview: may I do this? */
import { defineKind } from '../../kind.ts'
import {
  nonResourceAttributes,
  resourceAttributes,
  subjectAccessReviewStatus,
} from '../../parts/authorization/access-review.ts'
import {
  validateAttributes,
  validateNoMetadata,
  validateSelectors,
} from '../../rules/access-review.ts'
import { always, omitEmpty, optional, type Stored, struct } from '../../schema.ts'

export const selfSubjectAccessReviewSpec = struct(
  'authorization.v1.SelfSubjectAccessReviewSpec',
  'What the caller would like to do: one of its two fields.',
  {
    resourceAttributes: optional(1, resourceAttributes, 'A request for objects of a resource.'),
    nonResourceAttributes: optional(
      2,
      nonResourceAttributes,
      'A request for a path that is not a resource.',
    ),
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
  doc: 'Asks whether the caller may do something. Nothing is stored.',
  fields: {
    spec: always(2, selfSubjectAccessReviewSpec, 'What the caller would like to do.'),
    status: omitEmpty(3, subjectAccessReviewStatus, 'Filled in by the server.'),
  },
  validateWhole({ spec, metadata }, at, problems) {
    const path = at.child('spec')
    validateAttributes(spec, path, problems)
    validateSelectors(spec.resourceAttributes, path, problems)
    validateNoMetadata(metadata, at, problems, 'must be empty')
  },
})
export interface SelfSubjectAccessReview extends Stored<typeof SelfSubjectAccessReview> {}
