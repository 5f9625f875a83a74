/** What access reviews ask about, and what the server answers. */
import {
  always,
  boolean,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { fieldSelectorRequirement, labelSelectorRequirement } from '../meta/label-selector.ts'

export const fieldSelectorAttributes = struct(
  'authorization.v1.FieldSelectorAttributes',
  'Limits a request to objects whose fields match: one of its two fields.',
  {
    rawSelector: omitEmpty(1, string, 'The selector as text, as in a query; not checked here.'),
    requirements: omitEmpty(
      2,
      listOf(fieldSelectorRequirement, { listType: 'atomic' }),
      'The selector as rules that must all hold.',
    ),
  },
)
export interface FieldSelectorAttributes extends Stored<typeof fieldSelectorAttributes> {}

export const labelSelectorAttributes = struct(
  'authorization.v1.LabelSelectorAttributes',
  'Limits a request to objects whose labels match: one of its two fields.',
  {
    rawSelector: omitEmpty(1, string, 'The selector as text, as in a query; not checked here.'),
    requirements: omitEmpty(
      2,
      listOf(labelSelectorRequirement, { listType: 'atomic' }),
      'The selector as rules that must all hold.',
    ),
  },
)
export interface LabelSelectorAttributes extends Stored<typeof labelSelectorAttributes> {}

export const resourceAttributes = struct(
  'authorization.v1.ResourceAttributes',
  'A request for objects of a resource.',
  {
    namespace: omitEmpty(
      1,
      string,
      'Namespace of the request; empty means all of them, or a kind without namespaces.',
    ),
    verb: omitEmpty(2, string, 'What is to be done, such as get; * is everything.'),
    group: omitEmpty(3, string, 'API group of the resource; * is every one.'),
    version: omitEmpty(4, string, 'Version of the resource; * is every one.'),
    resource: omitEmpty(5, string, 'Plural name of the resource; * is every one.'),
    subresource: omitEmpty(
      6,
      string,
      'Subresource, such as status; empty means the resource itself.',
    ),
    name: omitEmpty(7, string, 'Name of one object; empty means all of them.'),
    fieldSelector: optional(
      8,
      fieldSelectorAttributes,
      'Limits the request to objects with such fields.',
    ),
    labelSelector: optional(
      9,
      labelSelectorAttributes,
      'Limits the request to objects with such labels.',
    ),
  },
)
export interface ResourceAttributes extends Stored<typeof resourceAttributes> {}

export const nonResourceAttributes = struct(
  'authorization.v1.NonResourceAttributes',
  'A request for a path that is not a resource.',
  {
    path: omitEmpty(1, string, 'The path, such as /healthz.'),
    verb: omitEmpty(2, string, 'The verb, such as get.'),
  },
)
export interface NonResourceAttributes extends Stored<typeof nonResourceAttributes> {}

export const subjectAccessReviewStatus = struct(
  'authorization.v1.SubjectAccessReviewStatus',
  'What the server decided.',
  {
    allowed: always(1, boolean, 'Whether the request would be carried out.'),
    denied: omitEmpty(4, boolean, 'Whether an authorizer forbids it, whatever the others say.'),
    reason: omitEmpty(2, string, 'Why, in words for people.'),
    evaluationError: omitEmpty(
      3,
      string,
      'What went wrong while looking for an answer; the answer may hold all the same.',
    ),
  },
)
export interface SubjectAccessReviewStatus extends Stored<typeof subjectAccessReviewStatus> {}

export const subjectAccessReviewSpec = struct(
  'authorization.v1.SubjectAccessReviewSpec',
  'Who wants to do what. One of the two kinds of attributes is set.',
  {
    resourceAttributes: optional(1, resourceAttributes, 'A request for objects of a resource.'),
    nonResourceAttributes: optional(
      2,
      nonResourceAttributes,
      'A request for a path that is not a resource.',
    ),
    user: omitEmpty(3, string, 'The user; with groups left out, one who is in none.'),
    groups: omitEmpty(4, listOf(string, { listType: 'atomic' }), 'The groups of the user.'),
    extra: omitEmpty(
      5,
      mapOf(listOf(string, { message: 'authorization.v1.ExtraValue' })),
      'Further facts about the user, as an authenticator adds them.',
    ),
    uid: omitEmpty(6, string, 'UID of the user.'),
  },
)
export interface SubjectAccessReviewSpec extends Stored<typeof subjectAccessReviewSpec> {}
