/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import {
  always,
  enumOf,
  int32,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const endpointAddress = struct(
  'core.v1.EndpointAddress',
  '',
  {
    ip: always(1, string, ''),
    hostname: omitEmpty(3, string, ''),
    nodeName: optional(4, string, ''),
    targetRef: optional(2, objectReference, ''),
  },
  { atomic: true },
)
export interface EndpointAddress extends Stored<typeof endpointAddress> {}

export const endpointPort = struct(
  'core.v1.EndpointPort',
  '',
  {
    name: omitEmpty(1, string, ''),
    port: always(2, int32, ''),
    protocol: omitEmpty(3, enumOf('TCP', 'UDP', 'SCTP'), ''),
    appProtocol: optional(4, string, ''),
  },
  { atomic: true },
)
export interface EndpointPort extends Stored<typeof endpointPort> {}

export const endpointSubset = struct('core.v1.EndpointSubset', '', {
  addresses: omitEmpty(1, listOf(endpointAddress, { listType: 'atomic' }), ''),
  notReadyAddresses: omitEmpty(2, listOf(endpointAddress, { listType: 'atomic' }), ''),
  ports: omitEmpty(3, listOf(endpointPort, { listType: 'atomic' }), ''),
})
export interface EndpointSubset extends Stored<typeof endpointSubset> {}

export const Endpoints = defineKind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  scope: 'Namespaced',
  doc: '',
  fields: {
    subsets: omitEmpty(2, listOf(endpointSubset, { listType: 'atomic' }), ''),
  },
  // columns: Name, Endpoints, Age
})
export interface Endpoints extends Stored<typeof Endpoints> {}
