/** What a pod should be: containers, volumes, network, security and scheduling. */
import { agreeOnAccount } from '../../rules/pods/defaults.ts'
import { validatePodSpec } from '../../rules/pods/spec.ts'
import { roundResources } from '../../rules/resource-list.ts'
import { checkVolumes } from '../../rules/volume.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  int64,
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { affinity } from './affinity.ts'
import { container } from './container.ts'
import { ephemeralContainer } from './ephemeral-container.ts'
import { hostAlias, podDNSConfig } from './pod-dns.ts'
import {
  podSchedulingGate,
  podSchedulingGroup,
  toleration,
  topologySpreadConstraint,
} from './pod-scheduling.ts'
import { localObjectReference } from './references.ts'
import { resourceRequirements } from './resources.ts'
import { podSecurityContext } from './security-context.ts'
import { volume } from './volume.ts'

export const podReadinessGate = struct(
  'core.v1.PodReadinessGate',
  'A condition that must be True before the pod counts as ready.',
  {
    conditionType: always(
      1,
      wordOf(
        'ContainersReady',
        'Initialized',
        'Ready',
        'PodScheduled',
        'DisruptionTarget',
        'PodReadyToStartContainers',
        'PodResizePending',
        'PodResizeInProgress',
        'AllContainersRestarting',
      ),
      'Type of a condition in the status of the pod.',
    ),
  },
)
export interface PodReadinessGate extends Stored<typeof podReadinessGate> {}

export const podOS = struct('core.v1.PodOS', 'Operating system of a pod.', {
  name: always(
    1,
    wordOf('linux', 'windows'),
    'Linux or windows, which decides what other fields may be set.',
  ),
})
export interface PodOS extends Stored<typeof podOS> {}

export const podResourceClaim = struct(
  'core.v1.PodResourceClaim',
  'A resource claim that the containers of the pod may use.',
  {
    name: always(1, string, 'Name by which containers refer to the claim.'),
    resourceClaimName: optional(3, string, 'An existing claim in the namespace of the pod.'),
    resourceClaimTemplateName: optional(
      4,
      string,
      'A template from which a claim is made for this pod alone.',
    ),
  },
)
export interface PodResourceClaim extends Stored<typeof podResourceClaim> {}

export const podSpec = struct(
  'core.v1.PodSpec',
  'What a pod should be.',
  {
    volumes: omitEmpty(
      1,
      listOf(volume, { keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }),
      'Volumes that containers may mount.',
      { check: checkVolumes },
    ),
    initContainers: omitEmpty(
      20,
      listOf(container, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Containers that run before the others, one after the other; sidecars keep running.',
    ),
    containers: always(
      2,
      listOf(container, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'The containers of the pod; at least one. None can be added or removed later.',
    ),
    ephemeralContainers: omitEmpty(
      34,
      listOf(ephemeralContainer, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Containers added to a running pod for debugging, through the subresource of that name.',
    ),
    restartPolicy: omitEmpty(
      3,
      enumOf('Always', 'OnFailure', 'Never'),
      'When containers restart. Defaults to Always.',
      { default: 'Always' },
    ),
    terminationGracePeriodSeconds: optional(
      4,
      int64,
      'Seconds between asking containers to stop and killing them. Defaults to 30; 0 kills at once.',
      { default: 30 },
    ),
    activeDeadlineSeconds: optional(
      5,
      int64,
      'Seconds after its start when the pod is stopped and marked as failed.',
    ),
    dnsPolicy: omitEmpty(
      6,
      enumOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'),
      'Where name resolution comes from. Defaults to ClusterFirst.',
      { default: 'ClusterFirst' },
    ),
    nodeSelector: omitEmpty(7, mapOf(string), 'Labels that a node must have to run the pod.', {
      atomic: true,
    }),
    serviceAccountName: omitEmpty(
      8,
      string,
      'ServiceAccount that the pod acts as. Defaults to default.',
    ),
    serviceAccount: omitEmpty(
      9,
      string,
      'Older name of serviceAccountName; both always have the same value.',
    ),
    automountServiceAccountToken: optional(
      21,
      boolean,
      'Whether to mount a token of the service account. That account decides when unset.',
    ),
    nodeName: omitEmpty(
      10,
      string,
      'Node that runs the pod, set by the scheduler. Setting it at creation skips scheduling.',
    ),
    hostNetwork: omitEmpty(
      11,
      boolean,
      'Whether to use the network of the node, where ports must be free. Defaults to false.',
    ),
    hostPID: omitEmpty(12, boolean, 'Whether to see the processes of the node. Defaults to false.'),
    hostIPC: omitEmpty(
      13,
      boolean,
      'Whether to share inter-process communication with the node. Defaults to false.',
    ),
    shareProcessNamespace: optional(
      27,
      boolean,
      "Whether containers see each other's processes. Defaults to false.",
    ),
    securityContext: optional(14, podSecurityContext, 'Security settings of the whole pod.', {
      default: {},
    }),
    imagePullSecrets: omitEmpty(
      15,
      listOf(localObjectReference, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Secrets with credentials for the registries of the images.',
    ),
    hostname: omitEmpty(
      16,
      string,
      'Name of the host inside the pod. The name of the pod when unset.',
    ),
    subdomain: omitEmpty(
      17,
      string,
      'Makes the host name <hostname>.<subdomain>.<namespace>.svc.<cluster domain>.',
    ),
    affinity: optional(18, affinity, 'Rules about where the pod runs.'),
    schedulerName: omitEmpty(
      19,
      string,
      'Scheduler that assigns the pod to a node. Defaults to default-scheduler.',
      { default: 'default-scheduler' },
    ),
    tolerations: omitEmpty(
      22,
      listOf(toleration, { listType: 'atomic' }),
      'Taints that the pod tolerates.',
    ),
    hostAliases: omitEmpty(
      23,
      listOf(hostAlias, { keys: ['ip'], mergeKey: 'ip', patch: 'merge' }),
      'Lines added to the hosts file of the containers.',
    ),
    priorityClassName: omitEmpty(
      24,
      string,
      'PriorityClass of the pod. The default class of the cluster when unset.',
    ),
    priority: optional(
      25,
      int32,
      'Priority that the class stands for, filled in at creation; greater is more important.',
    ),
    dnsConfig: optional(
      26,
      podDNSConfig,
      'Settings of the DNS resolver, added to those of the DNS policy.',
    ),
    readinessGates: omitEmpty(
      28,
      listOf(podReadinessGate, { listType: 'atomic' }),
      'Conditions that must be True before the pod counts as ready.',
    ),
    runtimeClassName: optional(
      29,
      string,
      'RuntimeClass that runs the pod. The default of the node when unset.',
    ),
    enableServiceLinks: optional(
      30,
      boolean,
      'Whether containers get environment variables about Services. Defaults to true.',
    ),
    preemptionPolicy: optional(
      31,
      enumOf('PreemptLowerPriority', 'Never'),
      'Whether the pod may displace pods of lower priority. Defaults to PreemptLowerPriority.',
    ),
    overhead: omitEmpty(
      32,
      mapOf(quantity),
      'Resources that the runtime itself needs, filled in from the RuntimeClass.',
    ),
    topologySpreadConstraints: omitEmpty(
      33,
      listOf(topologySpreadConstraint, {
        keys: ['topologyKey', 'whenUnsatisfiable'],
        mergeKey: 'topologyKey',
        patch: 'merge',
      }),
      'How the pod is spread over the cluster together with its like; all must hold.',
    ),
    setHostnameAsFQDN: optional(
      35,
      boolean,
      'Whether the host name is the fully qualified one. Defaults to false.',
    ),
    os: optional(36, podOS, 'Operating system that the pod is made for.'),
    hostUsers: optional(
      37,
      boolean,
      'Whether to share the user namespace of the node. Defaults to true.',
    ),
    schedulingGates: omitEmpty(
      38,
      listOf(podSchedulingGate, { keys: ['name'], mergeKey: 'name', patch: 'merge' }),
      'Gates that hold back scheduling; more cannot be added later.',
    ),
    resourceClaims: omitEmpty(
      39,
      listOf(podResourceClaim, { keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }),
      'Resource claims that must be allocated before the pod starts.',
    ),
    resources: optional(
      40,
      resourceRequirements,
      'Compute resources of the pod as a whole: cpu, memory and huge pages.',
    ),
    hostnameOverride: optional(
      41,
      string,
      'Host name of the pod as it stands, in place of hostname and subdomain.',
    ),
    schedulingGroup: optional(
      43,
      podSchedulingGroup,
      'The group of pods to schedule together with.',
    ),
  },
  {
    defaults(spec): void {
      agreeOnAccount(spec)
      roundResources(spec.overhead)
    },
    validateWhole(spec, at, problems): void {
      validatePodSpec(spec, at, problems)
    },
  },
)
export interface PodSpec extends Stored<typeof podSpec> {}
