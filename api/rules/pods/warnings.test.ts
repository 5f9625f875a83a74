/** Which valid pods are worth a warning. */
import { expect, test } from 'vitest'
import { Path } from '../../problems.ts'
import { pod, podOf } from './judged-pod.ts'
import { warningsForPod, warningsForTemplate } from './warnings.ts'

const nothing = 'a null labelSelector results in matching no pod'

test.for([
  { name: 'nothing odd', spec: {}, expected: [] },
  {
    name: 'old labels of nodes',
    spec: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    expected: [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
  },
  {
    name: 'selectors that select nothing',
    spec: {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'x' }],
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }],
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'a' } },
          ],
        },
      },
    },
    expected: [
      `spec.topologySpreadConstraints[0].labelSelector: ${nothing}`,
      `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: ${nothing}`,
      `spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: ${nothing}`,
    ],
  },
  {
    name: 'volumes that are gone',
    spec: { volumes: [{ name: 'v', rbd: { monitors: ['m'], image: 'i' } }] },
    expected: ['spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+'],
  },
  {
    name: 'the same twice',
    spec: {
      hostAliases: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }],
      imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
    },
    expected: [
      'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  },
  {
    name: 'a negative grace period',
    spec: { terminationGracePeriodSeconds: -1 },
    expected: [
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ],
  },
  {
    name: 'parts of bytes',
    container: { resources: { requests: { memory: '1500m' } } },
    expected: [
      'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  },
  {
    name: 'variables that hide others',
    container: {
      env: [
        { name: 'A', value: 'x' },
        { name: 'A', value: '$(A)y' },
        { name: 'A', value: 'z' },
      ],
    },
    expected: [
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
    ],
  },
  {
    name: 'ports',
    container: {
      ports: [
        { name: 'a', containerPort: 80 },
        { containerPort: 80 },
        { containerPort: 80, hostPort: 80 },
        { containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' },
        { containerPort: 81, hostIP: '10.0.0.1' },
      ],
    },
    expected: [
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
      'spec.containers[0].ports[3]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[3]: overlapping port definition with spec.containers[0].ports[1]',
      'spec.containers[0].ports[3]: dangerously ambiguous port definition with spec.containers[0].ports[2]',
      'spec.containers[0].ports[4]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:10.0.0.1}',
    ],
  },
])('warnings about a pod: $name', ({ spec = {}, container, expected }) => {
  const created = container ? podOf(container) : pod(spec)
  expect(warningsForPod(created, undefined)).toEqual(expected)
  expect(warningsForPod(created, created)).toEqual([])
  const template = { metadata: {}, spec: created.spec }
  const at = Path.root.child('spec').child('template')
  expect(warningsForTemplate(template, at)).toEqual(
    expected.map((each) => each.replaceAll(/(^|with )spec\./g, '$1spec.template.spec.')),
  )
})

test('annotations that nothing reads any more', () => {
  const annotations = {
    'scheduler.alpha.kubernetes.io/critical-pod': '',
    'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
  }
  expect(warningsForPod(pod({}, { annotations }), undefined)).toEqual([
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
  ])
})

test('a name that is no host name', () => {
  expect(warningsForPod(pod({}, { name: 'a.b' }), undefined)).toEqual([
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ])
})
