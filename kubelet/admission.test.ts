/** Which pods a node takes, by a table. */
import { expect, test } from 'vitest'
import { type PodSpecInput, podOf } from '#test/observed-pod.ts'
import { type AdmissionFacts, refusalOf } from './admission.ts'

const facts: AdmissionFacts = {
  node: {
    metadata: { name: 'n', labels: { disk: 'ssd' } },
    spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] },
  } as never,
  allocatable: { cpu: '2', memory: '1Gi', pods: '2' },
  others: [],
  pressures: [],
  allowedSysctls: [],
  acceptsRuntimeClass: (name) => name === 'runc',
}

const tolerant = { tolerations: [{ operator: 'Exists' as const }] }
const c = (more: object) => ({ name: 'main', image: 'a', ...more })
const port = { containers: [c({ ports: [{ containerPort: 1, hostPort: 80 }] })] }

test.for<[string, Partial<PodSpecInput>, Partial<AdmissionFacts>, object | undefined]>([
  ['fits', {}, {}, undefined],
  [
    'too much memory',
    { containers: [c({ resources: { requests: { memory: '2Gi' } } })] },
    {},
    {
      reason: 'OutOfmemory',
      message:
        "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
    },
  ],
  [
    'too many pods',
    {},
    { others: [podOf(), podOf()] },
    {
      reason: 'OutOfpods',
      message: "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
    },
  ],
  [
    'what is over takes no room',
    {},
    { others: [podOf(), podOf({}, { status: { phase: 'Failed' } })] },
    undefined,
  ],
  [
    'another node wanted',
    { nodeSelector: { disk: 'hdd' } },
    {},
    {
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
  ],
  ['this node wanted', { nodeSelector: { disk: 'ssd' } }, {}, undefined],
  ['a port taken', port, { others: [podOf(port)] }, { reason: 'NodePorts' }],
  ['a taint', { tolerations: [] }, {}, { reason: 'TaintToleration' }],
  [
    'a kernel parameter',
    { securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } },
    {},
    {
      reason: 'SysctlForbidden',
      message: 'forbidden sysctl: "net.core.somaxconn" not allowlisted',
    },
  ],
  ['pressure on the disk', {}, { pressures: ['DiskPressure'] }, { reason: 'Evicted' }],
  [
    'pressure on the memory, for those who asked for some',
    { containers: [c({ resources: { requests: { memory: '1Mi' } } })] },
    { pressures: ['MemoryPressure'] },
    undefined,
  ],
  ['another system', { os: { name: 'windows' } }, {}, { reason: 'PodOSNotSupported' }],
  [
    'groups of the pod alone',
    { securityContext: { supplementalGroupsPolicy: 'Strict' } },
    {},
    {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    },
  ],
  ['users of its own', { hostUsers: false }, {}, { reason: 'UnexpectedAdmissionError' }],
  ['another runtime', { runtimeClassName: 'gvisor' }, {}, { reason: 'UnexpectedAdmissionError' }],
  ['this runtime', { runtimeClassName: 'runc' }, {}, undefined],
])('%s', ([, spec, more, wanted]) => {
  const pod = podOf({ ...tolerant, ...spec })
  const found = refusalOf(pod, { ...facts, ...more })
  if (wanted) expect(found).toMatchObject(wanted)
  else expect(found).toBeUndefined()
})
