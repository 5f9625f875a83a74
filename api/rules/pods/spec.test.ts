/** What else a pod may say, and in which order its problems are told. */
import { expect, test } from 'vitest'
import { pod, podOf, problemsOf } from './judged-pod.ts'

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const notAnIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

test.for([
  {
    name: 'words',
    spec: { restartPolicy: 'Sometimes', dnsPolicy: 'X', preemptionPolicy: 'X' },
    expected: [
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
      'spec.preemptionPolicy: Unsupported value: "X": supported values: "Never", "PreemptLowerPriority"',
    ],
  },
  {
    name: 'names',
    spec: {
      serviceAccountName: 'A',
      nodeName: 'A',
      hostname: 'A',
      subdomain: 'a.b',
      priorityClassName: 'A',
      runtimeClassName: 'A',
      schedulingGroup: { podGroupName: 'A' },
    },
    expected: [
      `spec.serviceAccountName: Invalid value: "A": ${subdomain}`,
      `spec.nodeName: Invalid value: "A": ${subdomain}`,
      `spec.hostname: Invalid value: "A": ${label}`,
      'spec.subdomain: Invalid value: "a.b": must not contain dots',
      `spec.priorityClassName: Invalid value: "A": ${subdomain}`,
      `spec.runtimeClassName: Invalid value: "A": ${subdomain}`,
      `spec.schedulingGroup.podGroupName: Invalid value: "A": ${subdomain}`,
    ],
  },
  {
    name: 'deadline',
    spec: { activeDeadlineSeconds: 0 },
    expected: [
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
  },
  {
    name: 'node selector',
    spec: { nodeSelector: { 'a b': 'c d' } },
    expected: [
      `spec.nodeSelector: Invalid value: "a b": ${qualified}`,
      `spec.nodeSelector: Invalid value: "c d": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  },
  {
    name: 'DNS None without servers',
    spec: { dnsPolicy: 'None' },
    expected: ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  },
  {
    name: 'DNS None with an empty configuration',
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: [] } },
    expected: [
      'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
    ],
  },
  {
    name: 'DNS configuration',
    spec: {
      dnsConfig: {
        nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', 'x'],
        searches: ['example.com.', '.', '_tcp.example.com', 'A'],
        options: [{ name: 'ndots', value: '5' }, { value: 'x' }],
      },
    },
    expected: [
      'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","x"]: must not have more than 3 nameservers',
      `spec.dnsConfig.nameservers[3]: Invalid value: "x": ${notAnIp}`,
      expect.stringMatching(/^spec\.dnsConfig\.searches\[3\]: Invalid value: "A": /),
      'spec.dnsConfig.options[1]: Required value: must not be empty',
    ],
  },
  {
    name: 'hosts',
    spec: { hostAliases: [{ ip: '1.2.3', hostnames: ['a', 'B'] }] },
    expected: [
      `spec.hostAliases[0].ip: Invalid value: "1.2.3": ${notAnIp}`,
      `spec.hostAliases[0].hostnames[1]: Invalid value: "B": ${subdomain}`,
    ],
  },
  {
    name: 'gates',
    spec: {
      readinessGates: [{ conditionType: 'example.com/ok' }, { conditionType: 'a b' }],
      schedulingGates: [{ name: 'a' }, { name: 'a' }, { name: '-' }],
    },
    expected: [
      `spec.readinessGates[1].conditionType: Invalid value: "a b": ${qualified}`,
      'spec.schedulingGates[1]: Duplicate value: "a"',
      `spec.schedulingGates[2]: Invalid value: "-": ${qualified}`,
    ],
  },
  {
    name: 'resource claims',
    spec: {
      resourceClaims: [
        { name: 'a', resourceClaimName: 'r' },
        { name: 'a', resourceClaimTemplateName: 'R' },
        {},
        { name: 'b', resourceClaimName: 'r', resourceClaimTemplateName: 't' },
      ],
    },
    expected: [
      'spec.resourceClaims[1].name: Duplicate value: "a"',
      `spec.resourceClaims[1].resourceClaimTemplateName: Invalid value: "R": ${subdomain}`,
      'spec.resourceClaims[2].name: Required value',
      'spec.resourceClaims[2]: Invalid value: {"name":""}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      'spec.resourceClaims[3]: Invalid value: {"name":"b","resourceClaimName":"r","resourceClaimTemplateName":"t"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
    ],
  },
  {
    name: 'a host name as it stands',
    spec: { hostnameOverride: 'A', setHostnameAsFQDN: true, hostNetwork: true },
    expected: [
      `spec.hostnameOverride: Invalid value: "A": ${subdomain}`,
      'spec.hostnameOverride: Forbidden: may not be specified when `setHostnameAsFQDN` is true',
      'spec.hostnameOverride: Forbidden: may not be specified when `hostNetwork` is true',
    ],
  },
  {
    name: 'a host name that the kernel refuses',
    spec: { hostnameOverride: 'a'.repeat(65) },
    expected: ['spec.hostnameOverride: Too long: may not be more than 64 bytes'],
  },
])('a pod spec: $name', ({ spec, expected }) => {
  expect(problemsOf(pod(spec))).toEqual(expected)
})

test('ports on the network of the node', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }]
  expect(problemsOf(podOf({ ports }, { hostNetwork: true }))).toEqual([
    'spec.containers[0].ports[1].hostPort: Invalid value: 82: must match `containerPort` when `hostNetwork` is true',
  ])
})

test('tokens need an account', () => {
  const sources = [{ serviceAccountToken: { path: 'token' } }]
  expect(problemsOf(pod({ volumes: [{ name: 'v', projected: { sources } }] }))).toEqual([
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ])
})

test('a claim that is made for the pod cannot be referred to', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const volumes = [
    { name: 'v', ephemeral: { volumeClaimTemplate: { spec } } },
    { name: 'w', persistentVolumeClaim: { claimName: 'p-v' } },
  ]
  expect(problemsOf(pod({ volumes }))).toEqual([
    'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "p-v": must not reference a PVC that gets created for an ephemeral volume',
  ])
})

test('problems come in the order of upstream, volumes first', () => {
  const found = problemsOf(
    pod({
      tolerations: [{ value: 'x' }],
      restartPolicy: 'X',
      containers: [{ image: 'i' }],
      volumes: [{ name: 'A' }],
    }),
  )
  expect(found.map((each) => each.split(':')[0])).toEqual([
    'spec.volumes[0].name',
    'spec.containers[0].name',
    'spec.restartPolicy',
    'spec.tolerations[0].operator',
  ])
})
