/** ServiceCIDR: a range from which Services get their addresses. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { condition } from '../../parts/meta/condition.ts'
import { validateServiceCidrs, validateServiceCidrsUpdate } from '../../rules/service-cidr.ts'
import { listOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const serviceCIDRSpec = struct(
  'networking.v1.ServiceCIDRSpec',
  'The addresses of the range.',
  {
    cidrs: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'One range, or one of IPv4 and one of IPv6. A second one may be added later.',
    ),
  },
  {
    validateWhole({ cidrs }, at, problems) {
      validateServiceCidrs(cidrs ?? [], at.child('cidrs'), problems)
    },
    validateUpdate(next, previous, at, problems) {
      const place = at.child('cidrs')
      validateServiceCidrsUpdate(next.cidrs ?? [], previous.cidrs ?? [], place, problems)
    },
  },
)
export interface ServiceCIDRSpec extends Stored<typeof serviceCIDRSpec> {}

export const serviceCIDRStatus = struct(
  'networking.v1.ServiceCIDRStatus',
  'Whether the range can be used.',
  {
    conditions: omitEmpty(
      1,
      listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
      'Aspects of the state, such as Ready.',
    ),
  },
)
export interface ServiceCIDRStatus extends Stored<typeof serviceCIDRStatus> {}

export const ServiceCIDR = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  subresources: { ...statusSubresource },
  statusOnCreate: true,
  doc: 'A range from which Services get their addresses. Ranges can be added while others are used.',
  fields: {
    spec: omitEmpty(2, serviceCIDRSpec, 'The addresses of the range.'),
    status: omitEmpty(3, serviceCIDRStatus, 'Whether the range can be used.'),
  },
  columns: [
    nameColumn,
    column('CIDRs', 'string', 'The addresses of the range.', ({ spec }) => {
      return (spec.cidrs ?? []).join(',')
    }),
    ageColumn,
  ],
})
export interface ServiceCIDR extends Stored<typeof ServiceCIDR> {}
