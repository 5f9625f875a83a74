/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const parentReference = struct('networking.v1.ParentReference', '', {
  group: omitEmpty(1, string, ''),
  resource: omitEmpty(2, string, ''),
  namespace: omitEmpty(3, string, ''),
  name: omitEmpty(4, string, ''),
})
export interface ParentReference extends Stored<typeof parentReference> {}

export const ipAddressSpec = struct('networking.v1.IPAddressSpec', '', {
  parentRef: optional(1, parentReference, ''),
})
export interface IPAddressSpec extends Stored<typeof ipAddressSpec> {}

export const IPAddress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: omitEmpty(2, ipAddressSpec, ''),
  },
  // columns: Name, ParentRef
})
export interface IPAddress extends Stored<typeof IPAddress> {}
