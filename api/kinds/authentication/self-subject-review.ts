/** SelfSubjectReview: whom the server takes the caller for. */
import { defineKind } from '../../kind.ts'
import { userInfo } from '../../parts/authentication/user-info.ts'
import { omitEmpty, type Stored, struct } from '../../schema.ts'

export const selfSubjectReviewStatus = struct(
  'authentication.v1.SelfSubjectReviewStatus',
  'What the server knows about the caller.',
  {
    userInfo: omitEmpty(1, userInfo, 'The user that made the request.'),
  },
)
export interface SelfSubjectReviewStatus extends Stored<typeof selfSubjectReviewStatus> {}

export const SelfSubjectReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: 'Asks the server whom it takes the caller for. Nothing is stored.',
  fields: {
    status: omitEmpty(2, selfSubjectReviewStatus, 'Filled in by the server.'),
  },
})
export interface SelfSubjectReview extends Stored<typeof SelfSubjectReview> {}
