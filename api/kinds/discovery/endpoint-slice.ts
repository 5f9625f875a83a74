/** EndpointSlice: some of the addresses behind a Service. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { validateEndpointSlice } from '../../rules/endpoint-slice.ts'
import { shortList } from '../../rules/short-list.ts'
import {
  always,
  boolean,
  int32,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  publishedEnum,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const endpointConditions = struct(
  'discovery.v1.EndpointConditions',
  'Whether an endpoint can be used.',
  {
    ready: optional(
      1,
      boolean,
      'Whether new traffic should go to it: it serves, and does not terminate. Unset means true.',
    ),
    serving: optional(2, boolean, 'Whether it can take traffic. The same as ready when unset.'),
    terminating: optional(3, boolean, 'Whether it is being shut down. Unset means false.'),
  },
)
export interface EndpointConditions extends Stored<typeof endpointConditions> {}

export const forZone = struct('discovery.v1.ForZone', 'A zone that should use an endpoint.', {
  name: always(1, string, 'Name of the zone.'),
})
export interface ForZone extends Stored<typeof forZone> {}

export const forNode = struct('discovery.v1.ForNode', 'A node that should use an endpoint.', {
  name: always(1, string, 'Name of the node.'),
})
export interface ForNode extends Stored<typeof forNode> {}

export const endpointHints = struct(
  'discovery.v1.EndpointHints',
  'Who should use an endpoint, so that traffic stays near.',
  {
    forZones: omitEmpty(
      1,
      listOf(forZone, { listType: 'atomic' }),
      'Zones that should use the endpoint. 8 at most.',
    ),
    forNodes: omitEmpty(
      2,
      listOf(forNode, { listType: 'atomic' }),
      'Nodes that should use the endpoint. 8 at most.',
    ),
  },
)
export interface EndpointHints extends Stored<typeof endpointHints> {}

export const endpoint = struct('discovery.v1.Endpoint', 'One backend of a Service, mostly a pod.', {
  addresses: required(
    1,
    listOf(string, { listType: 'set' }),
    'Addresses of the type that the slice says, all of the same backend. 1 to 100.',
  ),
  conditions: omitEmpty(2, endpointConditions, 'Whether the endpoint can be used.'),
  hostname: optional(3, string, 'Name of the backend in DNS, below that of the Service.'),
  targetRef: optional(4, objectReference, 'The object that is behind it, such as a Pod.'),
  deprecatedTopology: omitEmpty(
    5,
    mapOf(string),
    'What v1beta1 says about the place of the endpoint. Read only.',
  ),
  nodeName: optional(6, string, 'The node that the backend is on.'),
  zone: optional(7, string, 'The zone that the backend is in.'),
  hints: optional(8, endpointHints, 'Who should use the endpoint.'),
})
export interface Endpoint extends Stored<typeof endpoint> {}

export const endpointPort = struct(
  'discovery.v1.EndpointPort',
  'A port that all endpoints of a slice have.',
  {
    name: optional(1, string, 'Name of the port, as in the Service. Unique in the slice.', {
      default: '',
    }),
    protocol: optional(2, publishedEnum('TCP', 'UDP', 'SCTP'), 'Its protocol. Defaults to TCP.', {
      default: 'TCP',
    }),
    port: optional(3, int32, 'Number of the port. Unset means that clients decide.'),
    appProtocol: optional(
      4,
      string,
      'Protocol above, as an IANA name, kubernetes.io/h2c, or a name with a domain of its own.',
    ),
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
  generation: 'labels',
  doc: 'Some of the addresses behind a Service. A Service with many has several slices.',
  fields: {
    addressType: required(
      4,
      publishedEnum('IPv4', 'IPv6', 'FQDN'),
      'Type of all addresses in the slice. Never changes.',
      { immutable: true },
    ),
    endpoints: always(2, listOf(endpoint, { listType: 'atomic' }), 'The backends. 1000 at most.', {
      mayOmit: true,
    }),
    ports: always(
      3,
      listOf(endpointPort, { listType: 'atomic' }),
      'The ports of every backend. 20000 at most.',
      { mayOmit: true },
    ),
  },
  validateWhole(slice, at, problems) {
    validateEndpointSlice(slice, at, problems)
  },
  columns: [
    nameColumn,
    column('AddressType', 'string', 'Type of the addresses.', ({ addressType }) => addressType),
    column('Ports', 'string', 'The ports.', ({ ports }) => portsText(ports ?? [])),
    column('Endpoints', 'string', 'The addresses.', ({ endpoints }) =>
      addressesText(endpoints ?? []),
    ),
    ageColumn,
  ],
})
export interface EndpointSlice extends Stored<typeof EndpointSlice> {}

function portsText(ports: readonly EndpointPort[]): string {
  return shortList(ports.map(({ port, name }) => port ?? (name || '*'))) || '<unset>'
}

function addressesText(endpoints: readonly Endpoint[]): string {
  return shortList(endpoints.flatMap(({ addresses }) => addresses ?? [])) || '<unset>'
}
