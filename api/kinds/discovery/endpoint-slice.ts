/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const endpointConditions = struct('discovery.v1.EndpointConditions', '', {
  ready: optional(1, boolean, ''),
  serving: optional(2, boolean, ''),
  terminating: optional(3, boolean, ''),
})
export interface EndpointConditions extends Stored<typeof endpointConditions> {}

export const forZone = struct('discovery.v1.ForZone', '', {
  name: always(1, string, ''),
})
export interface ForZone extends Stored<typeof forZone> {}

export const forNode = struct('discovery.v1.ForNode', '', {
  name: always(1, string, ''),
})
export interface ForNode extends Stored<typeof forNode> {}

export const endpointHints = struct('discovery.v1.EndpointHints', '', {
  forZones: omitEmpty(1, listOf(forZone, { listType: 'atomic' }), ''),
  forNodes: omitEmpty(2, listOf(forNode, { listType: 'atomic' }), ''),
})
export interface EndpointHints extends Stored<typeof endpointHints> {}

export const endpoint = struct('discovery.v1.Endpoint', '', {
  addresses: required(1, listOf(string, { listType: 'set' }), ''),
  conditions: omitEmpty(2, endpointConditions, ''),
  hostname: optional(3, string, ''),
  targetRef: optional(4, objectReference, ''),
  deprecatedTopology: omitEmpty(5, mapOf(string), ''),
  nodeName: optional(6, string, ''),
  zone: optional(7, string, ''),
  hints: optional(8, endpointHints, ''),
})
export interface Endpoint extends Stored<typeof endpoint> {}

export const endpointPort = struct(
  'discovery.v1.EndpointPort',
  '',
  {
    name: optional(1, string, ''),
    protocol: optional(2, enumOf('TCP', 'UDP', 'SCTP'), ''),
    port: optional(3, int32, ''),
    appProtocol: optional(4, string, ''),
  },
  { atomic: true },
)
export interface EndpointPort extends Stored<typeof endpointPort> {}

export const EndpointSlice = defineKind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  doc: '',
  fields: {
    addressType: required(4, enumOf('IPv4', 'IPv6', 'FQDN'), ''),
    endpoints: always(2, listOf(endpoint, { listType: 'atomic' }), '', { mayOmit: true }),
    ports: always(3, listOf(endpointPort, { listType: 'atomic' }), '', { mayOmit: true }),
  },
  // columns: Name, AddressType, Ports, Endpoints, Age
})
export interface EndpointSlice extends Stored<typeof EndpointSlice> {}
