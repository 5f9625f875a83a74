/** Endpoints: the addresses behind a service in one object; EndpointSlices have replaced them. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { checkSubsets } from '../../rules/endpoints.ts'
import {
  always,
  int32,
  listOf,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const endpointAddress = struct(
  'core.v1.EndpointAddress',
  'One address behind a service.',
  {
    ip: always(1, string, 'The address; not a loopback, link-local or multicast one.'),
    hostname: omitEmpty(3, string, 'Host name of the endpoint: a DNS label.'),
    nodeName: optional(4, string, 'The node that the endpoint is on.'),
    targetRef: optional(2, objectReference, 'The object that the address belongs to, as a pod.'),
  },
  { atomic: true },
)
export interface EndpointAddress extends Stored<typeof endpointAddress> {}

export const endpointPort = struct(
  'core.v1.EndpointPort',
  'One port of every address of a subset.',
  {
    name: omitEmpty(1, string, 'Name of the port in the service; needed when there are several.'),
    port: always(2, int32, 'Number of the port.'),
    protocol: omitEmpty(3, publishedEnum('TCP', 'UDP', 'SCTP'), 'TCP unless set.', {
      default: 'TCP',
    }),
    appProtocol: optional(4, string, 'What is spoken on it, such as http or example.com/custom.'),
  },
  { atomic: true },
)
export interface EndpointPort extends Stored<typeof endpointPort> {}

export const endpointSubset = struct(
  'core.v1.EndpointSubset',
  'Addresses that have the same ports.',
  {
    addresses: omitEmpty(
      1,
      listOf(endpointAddress, { listType: 'atomic' }),
      'Addresses that are ready for traffic.',
    ),
    notReadyAddresses: omitEmpty(
      2,
      listOf(endpointAddress, { listType: 'atomic' }),
      'Addresses that are not ready yet or not any more.',
    ),
    ports: omitEmpty(
      3,
      listOf(endpointPort, { listType: 'atomic' }),
      'Ports that each of the addresses serves.',
    ),
  },
)
export interface EndpointSubset extends Stored<typeof endpointSubset> {}

export const Endpoints = defineKind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  scope: 'Namespaced',
  doc: 'The addresses behind a service in one object. Deprecated: see EndpointSlice.',
  fields: {
    subsets: omitEmpty(
      2,
      listOf(endpointSubset, { listType: 'atomic' }),
      'The addresses and ports of the service are the union of all subsets.',
      { check: checkSubsets },
    ),
  },
  createOnUpdate: true,
  columns: [
    nameColumn,
    column('Endpoints', 'string', 'The first addresses that are ready.', endpointsCell),
    ageColumn,
  ],
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
})
export interface Endpoints extends Stored<typeof Endpoints> {}

const SHOWN = 3

function endpointsCell({ subsets = [] }: Pick<Endpoints, 'subsets'>): string {
  if (!subsets.length) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (!ports.length) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port)))
  })
  if (all.length <= SHOWN) return all.join(',')
  return `${all.slice(0, SHOWN).join(',')} + ${all.length - SHOWN} more...`
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
