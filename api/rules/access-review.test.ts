/** Access reviews: questions that make sense. */
import { expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { judged } from '../judged.ts'
import type { Kind } from '../kind.ts'
import { TokenRequest } from '../kinds/authentication/token-request.ts'
import { LocalSubjectAccessReview } from '../kinds/authorization/local-subject-access-review.ts'
import { SelfSubjectAccessReview } from '../kinds/authorization/self-subject-access-review.ts'
import { SubjectAccessReview } from '../kinds/authorization/subject-access-review.ts'
import { Problems } from '../problems.ts'
import { validate } from '../validate.ts'

/** Reviews have no metadata, so they are not judged as stored objects are. */
function problemsOf(kind: Kind, review: object): string[] {
  const problems = new Problems()
  validate(kind.schema, decode(kind.schema, review) as object, problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'n' }
const nonResourceAttributes = { verb: 'get', path: '/' }
const neither =
  'spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified'
const both =
  'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes'
const noSubject = 'spec.user: Invalid value: "": at least one of user or group must be specified'

test.for([
  { kind: SelfSubjectAccessReview, review: { spec: { resourceAttributes } }, problems: [] },
  { kind: SelfSubjectAccessReview, review: { spec: {} }, problems: [neither] },
  {
    kind: SelfSubjectAccessReview,
    review: { spec: { resourceAttributes, nonResourceAttributes } },
    problems: [both],
  },
  {
    kind: SelfSubjectAccessReview,
    review: { spec: { resourceAttributes }, metadata: { name: 'x' } },
    problems: ['metadata: Invalid value: {"name":"x","creationTimestamp":null}: must be empty'],
  },
  { kind: SubjectAccessReview, review: { spec: {} }, problems: [neither, noSubject] },
  {
    kind: SubjectAccessReview,
    review: { spec: { groups: ['g'], nonResourceAttributes } },
    problems: [],
  },
  {
    kind: LocalSubjectAccessReview,
    review: { metadata: { namespace: 'n' }, spec: { user: 'u', resourceAttributes } },
    problems: [],
  },
  {
    kind: LocalSubjectAccessReview,
    review: { metadata: { namespace: 'm' }, spec: { user: 'u', resourceAttributes } },
    problems: [
      'spec.resourceAttributes.namespace: Invalid value: "n": must match metadata.namespace',
    ],
  },
  {
    kind: LocalSubjectAccessReview,
    review: { metadata: { namespace: 'n' }, spec: { user: 'u', nonResourceAttributes } },
    problems: [
      'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: disallowed on this kind of request',
    ],
  },
])('a $kind.kind of $review', ({ kind, review, problems }) => {
  expect(problemsOf(kind, review)).toEqual(
    problems.map((each) => each.replace(',"creationTimestamp":null', expectedTimestamp(review))),
  )
})

/** Whether metadata shows a time that is not set is the business of its schema. */
function expectedTimestamp(review: object): string {
  const decoded = decode(SelfSubjectAccessReview.schema, review)
  return 'creationTimestamp' in decoded.metadata ? ',"creationTimestamp":null' : ''
}

const at = 'spec.resourceAttributes'

test.for([
  [{ fieldSelector: { rawSelector: 'a=b' } }, []],
  [
    { fieldSelector: {} },
    [
      `${at}.fieldSelector.requirements: Required value: when ${at}.fieldSelector is specified, requirements or rawSelector is required`,
    ],
  ],
  [
    { fieldSelector: { rawSelector: 'a', requirements: [{ key: '', operator: 'In' }] } },
    [
      `${at}.fieldSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements`,
      `${at}.fieldSelector.requirements[0].key: Required value: must be specified`,
      `${at}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    ],
  ],
  [
    { labelSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['x'] }] } },
    [
      `${at}.labelSelector.requirements[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
    ],
  ],
  [{ labelSelector: { requirements: [{ key: 'a', operator: 'Newer', values: ['x'] }] } }, []],
] as const)('a review of requests with %j', ([selectors, problems]) => {
  const spec = { user: 'u', resourceAttributes: { ...resourceAttributes, ...selectors } }
  expect(problemsOf(SubjectAccessReview, { spec })).toEqual(problems)
})

test.for([
  [undefined, []],
  [600, []],
  [5, 'may not specify a duration less than 10 minutes'],
  [9_999_999_999, 'may not specify a duration larger than 2^32 seconds'],
] as const)('a token for %s seconds', ([expirationSeconds, message]) => {
  const expected =
    typeof message === 'string'
      ? [`spec.expirationSeconds: Invalid value: ${expirationSeconds}: ${message}`]
      : []
  expect(judged(TokenRequest, { spec: { expirationSeconds } })).toEqual(expected)
})
