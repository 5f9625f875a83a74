/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  subjectAccessReviewSpec,
  subjectAccessReviewStatus,
} from '../../parts/authorization/access-review.ts'
import { always, omitEmpty, type Stored } from '../../schema.ts'

export const LocalSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  doc: '',
  fields: {
    spec: always(2, subjectAccessReviewSpec, ''),
    status: omitEmpty(3, subjectAccessReviewStatus, ''),
  },
})
export interface LocalSubjectAccessReview extends Stored<typeof LocalSubjectAccessReview> {}
