/** Node: a machine of the cluster, on which pods run. */
import { defineKind, statusSubresource } from '../../kind.ts'
import { nodeConfigSource } from '../../parts/core/node-config-source.ts'
import { nodeStatus } from '../../parts/core/node-status.ts'
import {
  checkAddresses,
  checkAmounts,
  checkConfigSource,
  checkNodeSpecChange,
  checkPodCidrs,
  checkTaints,
} from '../../rules/node.ts'
import { nodeColumns } from '../../rules/node-columns.ts'
import {
  always,
  boolean,
  listOf,
  omitEmpty,
  optional,
  publishedEnum,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

export const taint = struct('core.v1.Taint', 'Keeps pods off a node unless they tolerate it.', {
  key: always(1, string, 'What the taint is about, such as node.kubernetes.io/unreachable.'),
  value: omitEmpty(2, string, 'More about it, for tolerations to match.'),
  effect: always(
    3,
    publishedEnum('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    'Pods are not placed here, are placed here last, or must leave.',
  ),
  timeAdded: optional(4, time, 'When it was added, which is when pods start to leave.'),
})
export interface Taint extends Stored<typeof taint> {}

export const nodeSpec = struct(
  'core.v1.NodeSpec',
  'What a node should be.',
  {
    podCIDR: omitEmpty(1, string, 'Addresses of its pods: the first of podCIDRs.'),
    podCIDRs: omitEmpty(
      7,
      listOf(string, { listType: 'set', patch: 'merge' }),
      'Addresses of its pods, one range for each family. Never changes once set.',
    ),
    providerID: omitEmpty(
      3,
      string,
      'What the cloud calls it, as <provider>://<id>. Never changes once set.',
    ),
    unschedulable: omitEmpty(4, boolean, 'Keeps new pods off it, as `kubectl cordon` does.'),
    taints: omitEmpty(5, listOf(taint, { listType: 'atomic' }), 'What pods must tolerate here.'),
    configSource: optional(6, nodeConfigSource, 'No longer used.'),
    externalID: omitEmpty(2, string, 'No longer used.'),
  },
  {
    defaults(value) {
      const { podCIDR, podCIDRs } = value
      // Old clients set one range, newer ones several; the first is the same in both.
      if (podCIDR && podCIDRs?.[0] !== podCIDR) value.podCIDRs = [podCIDR]
      else if (podCIDRs?.[0]) value.podCIDR = podCIDRs[0]
    },
  },
)
export interface NodeSpec extends Stored<typeof nodeSpec> {}

export const Node = defineKind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  scope: 'Cluster',
  subresources: {
    proxy: {
      group: '',
      version: 'v1',
      kind: 'NodeProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    ...statusSubresource,
  },
  statusOnCreate: true,
  doc: 'A machine of the cluster, on which pods run.',
  fields: {
    spec: omitEmpty(2, nodeSpec, 'What the node should be.'),
    status: omitEmpty(3, nodeStatus, 'The state of the node.'),
  },
  selectable: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  columns: nodeColumns,
  validate({ spec, status }, at, problems) {
    // The path that upstream names.
    checkTaints(spec.taints ?? [], at.child('metadata').child('taints'), problems)
    checkAmounts(status.capacity, at.child('status').child('capacity'), problems)
    checkAmounts(status.allocatable, at.child('status').child('allocatable'), problems)
    checkPodCidrs(spec.podCIDRs ?? [], at.child('spec').child('podCIDRs'), problems)
  },
  validateUpdate({ spec, status }, previous, at, problems) {
    const place = at.child('status')
    checkAddresses(status.addresses ?? [], place.child('addresses'), problems)
    checkNodeSpecChange(spec, previous.spec, at.child('spec'), problems)
    if (spec.configSource) {
      const sourcePlace = at.child('spec').child('configSource')
      checkConfigSource(spec.configSource, false, sourcePlace, problems)
    }
    for (const name of ['assigned', 'active', 'lastKnownGood'] as const) {
      const source = status.config?.[name]
      if (source) checkConfigSource(source, true, place.child('config').child(name), problems)
    }
  },
  warnings: ({ spec }) => [
    ...(spec.configSource ? ['spec.configSource: the feature is no longer supported'] : []),
    ...(spec.externalID
      ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes']
      : []),
  ],
})
export interface Node extends Stored<typeof Node> {}
