/** SubjectAccessReview: may this user do this? */
import { defineKind } from '../../kind.ts'
import {
  subjectAccessReviewSpec,
  subjectAccessReviewStatus,
} from '../../parts/authorization/access-review.ts'
import {
  validateAttributes,
  validateNoMetadata,
  validateSelectors,
  validateSubject,
} from '../../rules/access-review.ts'
import { always, omitEmpty, type Stored } from '../../schema.ts'

export const SubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: 'Asks whether a user or group may do something. Nothing is stored.',
  fields: {
    spec: always(2, subjectAccessReviewSpec, 'Who wants to do what.'),
    status: omitEmpty(3, subjectAccessReviewStatus, 'Filled in by the server.'),
  },
  validateWhole({ spec, metadata }, at, problems) {
    const path = at.child('spec')
    validateAttributes(spec, path, problems)
    validateSubject(spec, path, problems)
    validateSelectors(spec.resourceAttributes, path, problems)
    validateNoMetadata(metadata, at, problems, 'must be empty')
  },
})
export interface SubjectAccessReview extends Stored<typeof SubjectAccessReview> {}
