/** FIXME: one sentence. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { typedLocalObjectReference } from '../../parts/core/references.ts'
import {
  always,
  enumOf,
  inline,
  int32,
  listOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const serviceBackendPort = struct(
  'networking.v1.ServiceBackendPort',
  '',
  {
    name: omitEmpty(1, string, ''),
    number: omitEmpty(2, int32, ''),
  },
  { atomic: true },
)
export interface ServiceBackendPort extends Stored<typeof serviceBackendPort> {}

export const ingressServiceBackend = struct('networking.v1.IngressServiceBackend', '', {
  name: always(1, string, ''),
  port: omitEmpty(2, serviceBackendPort, ''),
})
export interface IngressServiceBackend extends Stored<typeof ingressServiceBackend> {}

export const ingressBackend = struct('networking.v1.IngressBackend', '', {
  service: optional(4, ingressServiceBackend, ''),
  resource: optional(3, typedLocalObjectReference, ''),
})
export interface IngressBackend extends Stored<typeof ingressBackend> {}

export const ingressTLS = struct('networking.v1.IngressTLS', '', {
  hosts: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
  secretName: omitEmpty(2, string, ''),
})
export interface IngressTLS extends Stored<typeof ingressTLS> {}

export const httpIngressPath = struct('networking.v1.HTTPIngressPath', '', {
  path: omitEmpty(1, string, ''),
  pathType: nullable(3, enumOf('Exact', 'Prefix', 'ImplementationSpecific'), ''),
  backend: always(2, ingressBackend, ''),
})
export interface HTTPIngressPath extends Stored<typeof httpIngressPath> {}

export const httpIngressRuleValue = struct('networking.v1.HTTPIngressRuleValue', '', {
  paths: always(1, listOf(httpIngressPath, { listType: 'atomic' }), ''),
})
export interface HTTPIngressRuleValue extends Stored<typeof httpIngressRuleValue> {}

export const ingressRuleValue = struct('networking.v1.IngressRuleValue', '', {
  http: optional(1, httpIngressRuleValue, ''),
})
export interface IngressRuleValue extends Stored<typeof ingressRuleValue> {}

export const ingressRule = struct('networking.v1.IngressRule', '', {
  host: omitEmpty(1, string, ''),
  ingressRuleValue: inline(2, ingressRuleValue),
})
export interface IngressRule extends Stored<typeof ingressRule> {}

export const ingressSpec = struct('networking.v1.IngressSpec', '', {
  ingressClassName: optional(4, string, ''),
  defaultBackend: optional(1, ingressBackend, ''),
  tls: omitEmpty(2, listOf(ingressTLS, { listType: 'atomic' }), ''),
  rules: omitEmpty(3, listOf(ingressRule, { listType: 'atomic' }), ''),
})
export interface IngressSpec extends Stored<typeof ingressSpec> {}

export const ingressPortStatus = struct('networking.v1.IngressPortStatus', '', {
  port: always(1, int32, ''),
  protocol: always(2, enumOf('TCP', 'UDP', 'SCTP'), ''),
  error: optional(3, string, ''),
})
export interface IngressPortStatus extends Stored<typeof ingressPortStatus> {}

export const ingressLoadBalancerIngress = struct('networking.v1.IngressLoadBalancerIngress', '', {
  ip: omitEmpty(1, string, ''),
  hostname: omitEmpty(2, string, ''),
  ports: omitEmpty(4, listOf(ingressPortStatus, { listType: 'atomic' }), ''),
})
export interface IngressLoadBalancerIngress extends Stored<typeof ingressLoadBalancerIngress> {}

export const ingressLoadBalancerStatus = struct('networking.v1.IngressLoadBalancerStatus', '', {
  ingress: omitEmpty(1, listOf(ingressLoadBalancerIngress, { listType: 'atomic' }), ''),
})
export interface IngressLoadBalancerStatus extends Stored<typeof ingressLoadBalancerStatus> {}

export const ingressStatus = struct('networking.v1.IngressStatus', '', {
  loadBalancer: omitEmpty(1, ingressLoadBalancerStatus, ''),
})
export interface IngressStatus extends Stored<typeof ingressStatus> {}

export const Ingress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  scope: 'Namespaced',
  subresources: { ...statusSubresource },
  doc: '',
  fields: {
    spec: omitEmpty(2, ingressSpec, ''),
    status: omitEmpty(3, ingressStatus, ''),
  },
  // columns: Name, Class, Hosts, Address, Ports, Age
})
export interface Ingress extends Stored<typeof Ingress> {}
