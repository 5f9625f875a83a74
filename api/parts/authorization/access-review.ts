/** FIXME: one sentence. */

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

export const fieldSelectorAttributes = struct('authorization.v1.FieldSelectorAttributes', '', {
  rawSelector: omitEmpty(1, string, ''),
  requirements: omitEmpty(2, listOf(fieldSelectorRequirement, { listType: 'atomic' }), ''),
})
export interface FieldSelectorAttributes extends Stored<typeof fieldSelectorAttributes> {}

export const labelSelectorAttributes = struct('authorization.v1.LabelSelectorAttributes', '', {
  rawSelector: omitEmpty(1, string, ''),
  requirements: omitEmpty(2, listOf(labelSelectorRequirement, { listType: 'atomic' }), ''),
})
export interface LabelSelectorAttributes extends Stored<typeof labelSelectorAttributes> {}

export const resourceAttributes = struct('authorization.v1.ResourceAttributes', '', {
  namespace: omitEmpty(1, string, ''),
  verb: omitEmpty(2, string, ''),
  group: omitEmpty(3, string, ''),
  version: omitEmpty(4, string, ''),
  resource: omitEmpty(5, string, ''),
  subresource: omitEmpty(6, string, ''),
  name: omitEmpty(7, string, ''),
  fieldSelector: optional(8, fieldSelectorAttributes, ''),
  labelSelector: optional(9, labelSelectorAttributes, ''),
})
export interface ResourceAttributes extends Stored<typeof resourceAttributes> {}

export const nonResourceAttributes = struct('authorization.v1.NonResourceAttributes', '', {
  path: omitEmpty(1, string, ''),
  verb: omitEmpty(2, string, ''),
})
export interface NonResourceAttributes extends Stored<typeof nonResourceAttributes> {}

export const subjectAccessReviewStatus = struct('authorization.v1.SubjectAccessReviewStatus', '', {
  allowed: always(1, boolean, ''),
  denied: omitEmpty(4, boolean, ''),
  reason: omitEmpty(2, string, ''),
  evaluationError: omitEmpty(3, string, ''),
})
export interface SubjectAccessReviewStatus extends Stored<typeof subjectAccessReviewStatus> {}

export const subjectAccessReviewSpec = struct('authorization.v1.SubjectAccessReviewSpec', '', {
  resourceAttributes: optional(1, resourceAttributes, ''),
  nonResourceAttributes: optional(2, nonResourceAttributes, ''),
  user: omitEmpty(3, string, ''),
  groups: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
  extra: omitEmpty(5, mapOf(listOf(string)), ''),
  uid: omitEmpty(6, string, ''),
})
export interface SubjectAccessReviewSpec extends Stored<typeof subjectAccessReviewSpec> {}
