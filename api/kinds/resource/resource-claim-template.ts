/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { templateMeta } from '../../parts/meta/object-meta.ts'
import { resourceClaimSpec } from '../../parts/resource/claim-spec.ts'
import { always, omitEmpty, type Stored, struct } from '../../schema.ts'

export const resourceClaimTemplateSpec = struct('resource.v1.ResourceClaimTemplateSpec', '', {
  metadata: omitEmpty(1, templateMeta, ''),
  spec: always(2, resourceClaimSpec, ''),
})
export interface ResourceClaimTemplateSpec extends Stored<typeof resourceClaimTemplateSpec> {}

export const ResourceClaimTemplate = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  doc: '',
  fields: {
    spec: always(2, resourceClaimTemplateSpec, ''),
  },
  // columns: Name, Age
})
export interface ResourceClaimTemplate extends Stored<typeof ResourceClaimTemplate> {}
