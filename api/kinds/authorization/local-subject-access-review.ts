/** LocalSubjectAccessReview: may this user do this in this namespace? */
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

export const LocalSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  doc: 'Asks whether a user may do something in one namespace. Nothing is stored.',
  fields: {
    spec: always(
      2,
      subjectAccessReviewSpec,
      'Who wants to do what; its namespace must be that of the request.',
    ),
    status: omitEmpty(3, subjectAccessReviewStatus, 'Filled in by the server.'),
  },
  validateWhole({ spec, metadata }, at, problems) {
    const path = at.child('spec')
    validateAttributes(spec, path, problems)
    validateSubject(spec, path, problems)
    validateSelectors(spec.resourceAttributes, path, problems)
    validateNoMetadata(metadata, at, problems, 'must be empty except for namespace', {
      except: 'namespace',
    })
    const { resourceAttributes, nonResourceAttributes } = spec
    const namespace = resourceAttributes?.namespace ?? ''
    if (resourceAttributes && namespace !== (metadata.namespace ?? '')) {
      const where = path.child('resourceAttributes').child('namespace')
      problems.invalid(where, namespace, 'must match metadata.namespace')
    }
    if (nonResourceAttributes) {
      const where = path.child('nonResourceAttributes')
      problems.invalid(where, nonResourceAttributes, 'disallowed on this kind of request')
    }
  },
})
export interface LocalSubjectAccessReview extends Stored<typeof LocalSubjectAccessReview> {}
