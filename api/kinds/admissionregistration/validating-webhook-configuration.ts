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

export const validatingWebhook = struct('admissionregistration.v1.ValidatingWebhook', '', {
  name: always(1, string, ''),
  clientConfig: always(2, webhookClientConfig, ''),
  rules: omitEmpty(3, listOf(ruleWithOperations, { listType: 'atomic' }), ''),
  failurePolicy: optional(4, enumOf('Ignore', 'Fail'), ''),
  matchPolicy: optional(9, enumOf('Exact', 'Equivalent'), ''),
  namespaceSelector: optional(5, labelSelector, ''),
  objectSelector: optional(10, labelSelector, ''),
  sideEffects: nullable(6, enumOf('Unknown', 'None', 'Some', 'NoneOnDryRun'), ''),
  timeoutSeconds: optional(7, int32, ''),
  admissionReviewVersions: always(8, listOf(string, { listType: 'atomic' }), ''),
  matchConditions: omitEmpty(
    11,
    listOf(matchCondition, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
    '',
  ),
})
export interface ValidatingWebhook extends Stored<typeof validatingWebhook> {}

export const ValidatingWebhookConfiguration = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  doc: '',
  fields: {
    webhooks: omitEmpty(
      2,
      listOf(validatingWebhook, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      '',
    ),
  },
  // columns: Name, Webhooks, Age
})
export interface ValidatingWebhookConfiguration
  extends Stored<typeof ValidatingWebhookConfiguration> {}
