/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { matchCondition, ruleWithOperations } from '../../parts/admissionregistration/matching.ts'
import { webhookClientConfig } from '../../parts/admissionregistration/webhook-client.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  enumOf,
  int32,
  listOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const mutatingWebhook = struct('admissionregistration.v1.MutatingWebhook', '', {
  name: always(1, string, ''),
  clientConfig: always(2, webhookClientConfig, ''),
  rules: omitEmpty(3, listOf(ruleWithOperations, { listType: 'atomic' }), ''),
  failurePolicy: optional(4, enumOf('Ignore', 'Fail'), ''),
  matchPolicy: optional(9, enumOf('Exact', 'Equivalent'), ''),
  namespaceSelector: optional(5, labelSelector, ''),
  objectSelector: optional(11, labelSelector, ''),
  sideEffects: nullable(6, enumOf('Unknown', 'None', 'Some', 'NoneOnDryRun'), ''),
  timeoutSeconds: optional(7, int32, ''),
  admissionReviewVersions: always(8, listOf(string, { listType: 'atomic' }), ''),
  reinvocationPolicy: optional(10, enumOf('Never', 'IfNeeded'), ''),
  matchConditions: omitEmpty(
    12,
    listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
})
export interface MutatingWebhook extends Stored<typeof mutatingWebhook> {}

export const MutatingWebhookConfiguration = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  doc: '',
  fields: {
    webhooks: omitEmpty(
      2,
      listOf(mutatingWebhook, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
  },
  // columns: Name, Webhooks, Age
})
export interface MutatingWebhookConfiguration extends Stored<typeof MutatingWebhookConfiguration> {}
