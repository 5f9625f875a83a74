/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import {
  always,
  enumOf,
  int32,
  intOrString,
  listOf,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const networkPolicyPort = struct('networking.v1.NetworkPolicyPort', '', {
  protocol: optional(1, enumOf('TCP', 'UDP', 'SCTP'), ''),
  port: optional(2, intOrString, ''),
  endPort: optional(3, int32, ''),
})
export interface NetworkPolicyPort extends Stored<typeof networkPolicyPort> {}

export const ipBlock = struct('networking.v1.IPBlock', '', {
  cidr: required(1, string, ''),
  except: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
})
export interface IPBlock extends Stored<typeof ipBlock> {}

export const networkPolicyPeer = struct('networking.v1.NetworkPolicyPeer', '', {
  podSelector: optional(1, labelSelector, ''),
  namespaceSelector: optional(2, labelSelector, ''),
  ipBlock: optional(3, ipBlock, ''),
})
export interface NetworkPolicyPeer extends Stored<typeof networkPolicyPeer> {}

export const networkPolicyIngressRule = struct('networking.v1.NetworkPolicyIngressRule', '', {
  ports: omitEmpty(1, listOf(networkPolicyPort, { listType: 'atomic' }), ''),
  from: omitEmpty(2, listOf(networkPolicyPeer, { listType: 'atomic' }), ''),
})
export interface NetworkPolicyIngressRule extends Stored<typeof networkPolicyIngressRule> {}

export const networkPolicyEgressRule = struct('networking.v1.NetworkPolicyEgressRule', '', {
  ports: omitEmpty(1, listOf(networkPolicyPort, { listType: 'atomic' }), ''),
  to: omitEmpty(2, listOf(networkPolicyPeer, { listType: 'atomic' }), ''),
})
export interface NetworkPolicyEgressRule extends Stored<typeof networkPolicyEgressRule> {}

export const networkPolicySpec = struct('networking.v1.NetworkPolicySpec', '', {
  podSelector: always(1, labelSelector, '', { mayOmit: true }),
  ingress: omitEmpty(2, listOf(networkPolicyIngressRule, { listType: 'atomic' }), ''),
  egress: omitEmpty(3, listOf(networkPolicyEgressRule, { listType: 'atomic' }), ''),
  policyTypes: omitEmpty(4, listOf(enumOf('Ingress', 'Egress'), { listType: 'atomic' }), ''),
})
export interface NetworkPolicySpec extends Stored<typeof networkPolicySpec> {}

export const NetworkPolicy = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  scope: 'Namespaced',
  doc: '',
  fields: {
    spec: omitEmpty(2, networkPolicySpec, ''),
  },
  // columns: Name, Pod-Selector, Age
})
export interface NetworkPolicy extends Stored<typeof NetworkPolicy> {}
