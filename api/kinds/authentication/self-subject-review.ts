/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { userInfo } from '../../parts/authentication/user-info.ts'
import { omitEmpty, type Stored, struct } from '../../schema.ts'

export const selfSubjectReviewStatus = struct('authentication.v1.SelfSubjectReviewStatus', '', {
  userInfo: omitEmpty(1, userInfo, ''),
})
export interface SelfSubjectReviewStatus extends Stored<typeof selfSubjectReviewStatus> {}

export const SelfSubjectReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: '',
  fields: {
    status: omitEmpty(2, selfSubjectReviewStatus, ''),
  },
})
export interface SelfSubjectReview extends Stored<typeof SelfSubjectReview> {}
