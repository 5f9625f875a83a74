/** NetworkPolicy: what may talk to a group of pods, and what they may talk to. */
import { isCidrForLegacyField } from '../../ip.ts'
import { defineKind } from '../../kind.ts'
import { validateLabelSelector } from '../../label-selector.ts'
import { labelSelector } from '../../parts/meta/label-selector.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateExceptions, validatePolicyPort } from '../../rules/network-policy.ts'
import { selectorText } from '../../rules/template-columns.ts'
import {
  always,
  enumOf,
  int32,
  intOrString,
  listOf,
  omitEmpty,
  optional,
  publishedEnum,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const networkPolicyPort = struct(
  'networking.v1.NetworkPolicyPort',
  'A port, or a range of ports, that traffic may go to.',
  {
    protocol: optional(
      1,
      enumOf('TCP', 'UDP', 'SCTP'),
      'Protocol of the traffic. Defaults to TCP.',
      { default: 'TCP' },
    ),
    port: optional(2, intOrString, 'Number or name of the port. All ports when unset.'),
    endPort: optional(
      3,
      int32,
      'Last port of a range that starts at port, which must then be a number.',
    ),
  },
  {
    validate(port, at, problems) {
      validatePolicyPort(port, at, problems)
    },
  },
)
export interface NetworkPolicyPort extends Stored<typeof networkPolicyPort> {}

export const ipBlock = struct(
  'networking.v1.IPBlock',
  'A range of addresses, some of which may be taken out.',
  {
    cidr: required(1, string, 'The addresses, such as 192.168.1.0/24 or 2001:db8::/64.', {
      format: isCidrForLegacyField,
    }),
    except: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'Addresses that do not count, each range a part of cidr.',
    ),
  },
  {
    validate({ cidr, except }, at, problems) {
      validateExceptions(cidr, except ?? [], at.child('except'), problems)
    },
  },
)
export interface IPBlock extends Stored<typeof ipBlock> {}

export const networkPolicyPeer = struct(
  'networking.v1.NetworkPolicyPeer',
  'Who traffic may come from or go to: pods, or addresses.',
  {
    podSelector: optional(
      1,
      labelSelector,
      'Pods by their labels, of this namespace or of those that namespaceSelector selects.',
      { check: validateLabelSelector },
    ),
    namespaceSelector: optional(
      2,
      labelSelector,
      'Namespaces by their labels. An empty one selects all namespaces.',
      { check: validateLabelSelector },
    ),
    ipBlock: optional(3, ipBlock, 'Addresses. Goes with no other field.'),
  },
  {
    validate(peer, at, problems) {
      const { podSelector, namespaceSelector } = peer
      if (!podSelector && !namespaceSelector && !peer.ipBlock) {
        problems.required(at, 'must specify a peer')
      } else if (peer.ipBlock && (podSelector || namespaceSelector)) {
        problems.forbidden(at, 'may not specify both ipBlock and another peer')
      }
    },
  },
)
export interface NetworkPolicyPeer extends Stored<typeof networkPolicyPeer> {}

export const networkPolicyIngressRule = struct(
  'networking.v1.NetworkPolicyIngressRule',
  'Traffic that may come in: from any of the peers to any of the ports.',
  {
    ports: omitEmpty(
      1,
      listOf(networkPolicyPort, { listType: 'atomic' }),
      'Ports that traffic may go to. All ports when empty.',
    ),
    from: omitEmpty(
      2,
      listOf(networkPolicyPeer, { listType: 'atomic' }),
      'Who the traffic may come from. Anybody when empty.',
    ),
  },
)
export interface NetworkPolicyIngressRule extends Stored<typeof networkPolicyIngressRule> {}

export const networkPolicyEgressRule = struct(
  'networking.v1.NetworkPolicyEgressRule',
  'Traffic that may go out: to any of the peers and any of the ports.',
  {
    ports: omitEmpty(
      1,
      listOf(networkPolicyPort, { listType: 'atomic' }),
      'Ports that traffic may go to. All ports when empty.',
    ),
    to: omitEmpty(
      2,
      listOf(networkPolicyPeer, { listType: 'atomic' }),
      'Who the traffic may go to. Anybody when empty.',
    ),
  },
)
export interface NetworkPolicyEgressRule extends Stored<typeof networkPolicyEgressRule> {}

export const networkPolicySpec = struct(
  'networking.v1.NetworkPolicySpec',
  'Which pods the policy is about, and what it lets through.',
  {
    podSelector: always(
      1,
      labelSelector,
      'Pods that the policy is about. An empty one selects all pods of the namespace.',
      { mayOmit: true, check: validateLabelSelector },
    ),
    ingress: omitEmpty(
      2,
      listOf(networkPolicyIngressRule, { listType: 'atomic' }),
      'Traffic that may come in. Nothing may when empty and the policy is about Ingress.',
    ),
    egress: omitEmpty(
      3,
      listOf(networkPolicyEgressRule, { listType: 'atomic' }),
      'Traffic that may go out. Nothing may when empty and the policy is about Egress.',
    ),
    policyTypes: omitEmpty(
      4,
      listOf(publishedEnum('Ingress', 'Egress'), { listType: 'atomic' }),
      'Directions that the policy is about. Defaults to Ingress, and Egress if there are such rules.',
      { check: checkPolicyTypes },
    ),
  },
  {
    defaults(spec) {
      if (spec.policyTypes?.length) return
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
    },
  },
)
export interface NetworkPolicySpec extends Stored<typeof networkPolicySpec> {}

function checkPolicyTypes(types: readonly string[], at: Path, problems: Problems): void {
  const supported = ['Ingress', 'Egress']
  if (types.length > supported.length) {
    problems.invalid(at, types, 'may not specify more than two policyTypes')
    return
  }
  for (const [position, type] of types.entries()) {
    if (!supported.includes(type)) problems.notSupported(at.index(position), type, supported)
  }
}

export const NetworkPolicy = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  scope: 'Namespaced',
  generation: true,
  doc: 'Says which traffic a group of pods may take part in. Without any policy all is allowed.',
  fields: {
    spec: omitEmpty(2, networkPolicySpec, 'Which pods it is about, and what it lets through.'),
  },
  columns: [
    nameColumn,
    column('Pod-Selector', 'string', 'Labels of the pods that it is about.', ({ spec }) =>
      selectorText(spec.podSelector),
    ),
    ageColumn,
  ],
})
export interface NetworkPolicy extends Stored<typeof NetworkPolicy> {}
