/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { condition } from '../../parts/meta/condition.ts'
import { listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const serviceCIDRSpec = struct('networking.v1.ServiceCIDRSpec', '', {
  cidrs: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
})
export interface ServiceCIDRSpec extends Stored<typeof serviceCIDRSpec> {}

export const serviceCIDRStatus = struct('networking.v1.ServiceCIDRStatus', '', {
  conditions: omitEmpty(
    1,
    listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    '',
  ),
})
export interface ServiceCIDRStatus extends Stored<typeof serviceCIDRStatus> {}

export const ServiceCIDR = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, serviceCIDRSpec, ''),
    status: omitEmpty(3, serviceCIDRStatus, ''),
  },
  // columns: Name, CIDRs, Age
})
export interface ServiceCIDR extends Stored<typeof ServiceCIDR> {}
