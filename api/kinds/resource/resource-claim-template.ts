/** ResourceClaimTemplate: what the ResourceClaim looks like that each pod gets of its own. */
import { defineKind } from '../../kind.ts'
import { templateMeta } from '../../parts/meta/object-meta.ts'
import { resourceClaimSpec } from '../../parts/resource/claim-spec.ts'
import { validateDeviceClaim } from '../../rules/device-claim.ts'
import { checkTemplateMeta } from '../../rules/template-meta.ts'
import { always, omitEmpty, type Stored, struct } from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'

export const resourceClaimTemplateSpec = struct(
  'resource.v1.ResourceClaimTemplateSpec',
  'The claim that each pod gets.',
  {
    metadata: omitEmpty(1, templateMeta, 'Labels and annotations for the claim.'),
    spec: always(2, resourceClaimSpec, 'What the claim asks for.'),
  },
)
export interface ResourceClaimTemplateSpec extends Stored<typeof resourceClaimTemplateSpec> {}

export const ResourceClaimTemplate = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  deletion: { returnsObject: true },
  doc: 'What the ResourceClaim looks like that each pod gets of its own. Never changes.',
  fields: {
    spec: always(2, resourceClaimTemplateSpec, 'The claim to be made.', { immutable: true }),
  },
  validateWhole({ spec }, at, problems) {
    const path = at.child('spec')
    checkTemplateMeta(spec.metadata, path.child('metadata'), problems)
    validateDeviceClaim(spec.spec.devices, path.child('spec').child('devices'), problems)
  },
  columns: [nameColumn, ageColumn],
})
export interface ResourceClaimTemplate extends Stored<typeof ResourceClaimTemplate> {}
