/** Ingress: how HTTP requests from outside reach Services. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { typedLocalObjectReference } from '../../parts/core/references.ts'
import { Path } from '../../problems.ts'
import {
  ingressWarnings,
  validateIngressSpec,
  validateIngressStatus,
  validateNewIngress,
} from '../../rules/ingress.ts'
import { shortList } from '../../rules/short-list.ts'
import {
  always,
  enumOf,
  inline,
  int32,
  listOf,
  nullable,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const serviceBackendPort = struct(
  'networking.v1.ServiceBackendPort',
  'A port of a Service, by name or by number.',
  {
    name: omitEmpty(1, string, 'Name of the port. Goes without a number.'),
    number: omitEmpty(2, int32, 'Number of the port. Goes without a name.'),
  },
  { atomic: true },
)
export interface ServiceBackendPort extends Stored<typeof serviceBackendPort> {}

export const ingressServiceBackend = struct(
  'networking.v1.IngressServiceBackend',
  'A Service that takes requests.',
  {
    name: always(1, string, 'Name of the Service, in the same namespace.'),
    port: omitEmpty(2, serviceBackendPort, 'The port of the Service.'),
  },
)
export interface IngressServiceBackend extends Stored<typeof ingressServiceBackend> {}

export const ingressBackend = struct(
  'networking.v1.IngressBackend',
  'What takes requests: a Service, or some other object.',
  {
    service: optional(4, ingressServiceBackend, 'A Service. Goes without a resource.'),
    resource: optional(
      3,
      typedLocalObjectReference,
      'An object of some other kind that the controller knows. Goes without a service.',
    ),
  },
)
export interface IngressBackend extends Stored<typeof ingressBackend> {}

export const ingressTLS = struct('networking.v1.IngressTLS', 'A certificate and its hosts.', {
  hosts: omitEmpty(
    1,
    listOf(string, { listType: 'atomic' }),
    'Hosts that the certificate is for. Those of the rules when empty.',
  ),
  secretName: omitEmpty(2, string, 'The Secret that holds the certificate and its key.'),
})
export interface IngressTLS extends Stored<typeof ingressTLS> {}

export const httpIngressPath = struct(
  'networking.v1.HTTPIngressPath',
  'A path, and what takes requests for it.',
  {
    path: omitEmpty(1, string, 'The path, starting with a slash.'),
    pathType: nullable(
      3,
      publishedEnum('Exact', 'Prefix', 'ImplementationSpecific'),
      'Exact compares whole paths, Prefix their first parts, ImplementationSpecific leaves it open.',
    ),
    backend: always(2, ingressBackend, 'What takes the requests.'),
  },
)
export interface HTTPIngressPath extends Stored<typeof httpIngressPath> {}

export const httpIngressRuleValue = struct(
  'networking.v1.HTTPIngressRuleValue',
  'Paths of a host. The longest one that fits a request counts.',
  {
    paths: always(1, listOf(httpIngressPath, { listType: 'atomic' }), 'The paths.'),
  },
)
export interface HTTPIngressRuleValue extends Stored<typeof httpIngressRuleValue> {}

export const ingressRuleValue = struct(
  'networking.v1.IngressRuleValue',
  'What to do with requests for a host.',
  {
    http: optional(1, httpIngressRuleValue, 'Paths of the host.'),
  },
)
export interface IngressRuleValue extends Stored<typeof ingressRuleValue> {}

export const ingressRule = struct('networking.v1.IngressRule', 'A host and its paths.', {
  host: omitEmpty(
    1,
    string,
    'Host of the requests; *.example.com fits one more label. All hosts when empty.',
  ),
  ingressRuleValue: inline(2, ingressRuleValue),
})
export interface IngressRule extends Stored<typeof ingressRule> {}

export const ingressSpec = struct(
  'networking.v1.IngressSpec',
  'Where requests should go.',
  {
    ingressClassName: optional(
      4,
      string,
      'The IngressClass, and so the controller, that serves it. The default one when unset.',
    ),
    defaultBackend: optional(1, ingressBackend, 'Takes the requests that no rule fits.'),
    tls: omitEmpty(2, listOf(ingressTLS, { listType: 'atomic' }), 'Certificates for HTTPS.'),
    rules: omitEmpty(3, listOf(ingressRule, { listType: 'atomic' }), 'Hosts and their paths.'),
  },
  {
    validateWhole(spec, at, problems) {
      validateIngressSpec(spec, at, problems)
    },
  },
)
export interface IngressSpec extends Stored<typeof ingressSpec> {}

export const ingressPortStatus = struct(
  'networking.v1.IngressPortStatus',
  'A port of the load balancer.',
  {
    port: always(1, int32, 'Number of the port.'),
    protocol: always(2, enumOf('TCP', 'UDP', 'SCTP'), 'Protocol of the port.'),
    error: optional(3, string, 'Why the port does not work, as one CamelCase word.'),
  },
)
export interface IngressPortStatus extends Stored<typeof ingressPortStatus> {}

export const ingressLoadBalancerIngress = struct(
  'networking.v1.IngressLoadBalancerIngress',
  'An address that the Ingress can be reached at.',
  {
    ip: omitEmpty(1, string, 'The address, when it is an IP.'),
    hostname: omitEmpty(2, string, 'The address, when it is a DNS name.'),
    ports: omitEmpty(
      4,
      listOf(ingressPortStatus, { listType: 'atomic' }),
      'Ports of the address, and whether they work.',
    ),
  },
)
export interface IngressLoadBalancerIngress extends Stored<typeof ingressLoadBalancerIngress> {}

export const ingressLoadBalancerStatus = struct(
  'networking.v1.IngressLoadBalancerStatus',
  'The load balancer in front of an Ingress.',
  {
    ingress: omitEmpty(
      1,
      listOf(ingressLoadBalancerIngress, { listType: 'atomic' }),
      'Addresses that the Ingress can be reached at.',
    ),
  },
)
export interface IngressLoadBalancerStatus extends Stored<typeof ingressLoadBalancerStatus> {}

export const ingressStatus = struct(
  'networking.v1.IngressStatus',
  'Where the Ingress can be reached.',
  {
    loadBalancer: omitEmpty(1, ingressLoadBalancerStatus, 'The load balancer in front of it.'),
  },
  {
    validateUpdate({ loadBalancer }, _previous, at, problems) {
      validateIngressStatus(loadBalancer, at.child('loadBalancer'), problems)
    },
  },
)
export interface IngressStatus extends Stored<typeof ingressStatus> {}

export const Ingress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  generation: true,
  doc: 'Brings HTTP requests from outside to Services, by host and path.',
  fields: {
    spec: omitEmpty(2, ingressSpec, 'Where requests should go.'),
    status: omitEmpty(3, ingressStatus, 'Where the Ingress can be reached.'),
  },
  validateCreate({ metadata, spec }, problems) {
    validateNewIngress(metadata.annotations ?? {}, spec, Path.root, problems)
  },
  warnings: ({ metadata }) => ingressWarnings(metadata.annotations ?? {}),
  columns: [
    nameColumn,
    column('Class', 'string', 'The IngressClass that serves it.', ({ metadata, spec }) => {
      const annotated = metadata.annotations?.['kubernetes.io/ingress.class']
      return spec.ingressClassName ?? annotated ?? '<none>'
    }),
    column('Hosts', 'string', 'Hosts of the rules.', ({ spec }) => hostsText(spec)),
    column('Address', 'string', 'Where it can be reached.', ({ status }) => addressText(status)),
    column('Ports', 'string', 'Ports that it listens on.', ({ spec }) =>
      spec.tls?.length ? '80, 443' : '80',
    ),
    ageColumn,
  ],
})
export interface Ingress extends Stored<typeof Ingress> {}

function hostsText({ rules }: IngressSpec): string {
  return shortList((rules ?? []).flatMap(({ host }) => host ?? [])) || '*'
}

function addressText({ loadBalancer }: IngressStatus): string {
  const addresses = loadBalancer.ingress ?? []
  return addresses.flatMap(({ ip, hostname }) => ip ?? hostname ?? []).join(',')
}
