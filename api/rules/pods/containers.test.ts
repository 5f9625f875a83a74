/** What the three kinds of containers may say. */
import { describe, expect, test } from 'vitest'
import { pod, podOf, problemsOf } from './judged-pod.ts'

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const [c, i, e] = ['spec.containers[0]', 'spec.initContainers[0]', 'spec.ephemeralContainers[0]']

test('a plain pod is fine', () => {
  expect(problemsOf(pod())).toEqual([])
})

describe('containers', () => {
  test.for([
    { name: 'no name', container: { name: '' }, expected: [`${c}.name: Required value`] },
    {
      name: 'bad name',
      container: { name: 'A' },
      expected: [`${c}.name: Invalid value: "A": ${label}`],
    },
    { name: 'no image', container: { image: '' }, expected: [`${c}.image: Required value`] },
    {
      name: 'padded image',
      container: { image: ' i' },
      expected: [`${c}.image: Invalid value: " i": must not have leading or trailing whitespace`],
    },
    {
      name: 'unknown words',
      container: { imagePullPolicy: 'Sometimes', terminationMessagePolicy: 'X' },
      expected: [
        `${c}.terminationMessagePolicy: Unsupported value: "X": supported values: "FallbackToLogsOnError", "File"`,
        `${c}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
      ],
    },
    {
      name: 'ports',
      container: {
        ports: [
          { name: 'http', containerPort: 80 },
          { name: 'http', containerPort: 81 },
          { name: 'a--b', containerPort: 0 },
          { containerPort: 70000, hostPort: -1, protocol: 'ICMP' },
        ],
      },
      expected: [
        `${c}.ports[1].name: Duplicate value: "http"`,
        `${c}.ports[2].name: Invalid value: "a--b": must not contain consecutive hyphens`,
        `${c}.ports[2].containerPort: Required value`,
        `${c}.ports[3].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
        `${c}.ports[3].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive`,
        `${c}.ports[3].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
      ],
    },
    {
      name: 'one host port twice, unless addresses or protocols differ',
      container: {
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 81, hostPort: 80 },
          { containerPort: 82, hostPort: 80, protocol: 'UDP' },
          { containerPort: 83, hostPort: 80, hostIP: '10.0.0.1' },
        ],
      },
      expected: [`${c}.ports[1].hostPort: Duplicate value: "TCP//80"`],
    },
    {
      name: 'resize policies',
      container: {
        resizePolicy: [
          { resourceName: 'cpu', restartPolicy: 'NotRequired' },
          { resourceName: 'cpu', restartPolicy: '' },
          { resourceName: 'gpu', restartPolicy: 'X' },
        ],
      },
      expected: [
        `${c}.resizePolicy[1]: Duplicate value: "cpu"`,
        `${c}.resizePolicy: Required value`,
        `${c}.resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"`,
        `${c}.resizePolicy: Unsupported value: "X": supported values: "NotRequired", "RestartContainer"`,
      ],
    },
    {
      name: 'restart rules without a policy',
      container: {
        restartPolicyRules: [
          { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
          { action: 'Stop' },
          { action: 'RestartAllContainers', exitCodes: { operator: 'Equals' } },
        ],
      },
      expected: [
        `${c}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
        `${c}.restartPolicyRules[1].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`,
        `${c}.restartPolicyRules[1].exitCodes: Required value: must be specified`,
        `${c}.restartPolicyRules[2].exitCodes.operator: Unsupported value: "Equals": supported values: "In", "NotIn"`,
      ],
    },
    {
      name: 'too many restart rules and codes',
      container: {
        restartPolicy: 'Never',
        restartPolicyRules: Array.from({ length: 21 }, () => ({
          action: 'Restart',
          exitCodes: { operator: 'In', values: [1] },
        })),
      },
      expected: [`${c}.restartPolicyRules: Too many: 21: must have at most 20 items`],
    },
  ])('$name', ({ container, expected }) => {
    expect(problemsOf(podOf(container))).toEqual(expected)
  })

  test('none at all', () => {
    expect(problemsOf(pod({ containers: [] }))).toEqual(['spec.containers: Required value'])
    expect(problemsOf(pod({ containers: null }))).toEqual(['spec.containers: Required value'])
  })

  test('a name twice', () => {
    const containers = ['a', 'b', 'a'].map((name) => ({ name, image: 'i' }))
    expect(problemsOf(pod({ containers }))).toEqual([
      'spec.containers[2].name: Duplicate value: "a"',
    ])
  })

  test('a resize that restarts what never restarts', () => {
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const found = problemsOf(podOf({ resizePolicy }, { restartPolicy: 'Never' }))
    expect(found).toEqual([
      `${c}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
    ])
    const restarting = podOf({ resizePolicy, restartPolicy: 'Always' }, { restartPolicy: 'Never' })
    expect(problemsOf(restarting)).toEqual([])
  })
})

describe('init containers', () => {
  const probe = { exec: { command: ['x'] } }
  test.for([
    {
      name: 'a name of a container',
      init: { name: 'c' },
      expected: [`${i}.name: Duplicate value: "c"`],
    },
    {
      name: 'probes and hooks',
      init: { lifecycle: { preStop: probe }, livenessProbe: probe, readinessProbe: probe },
      expected: ['lifecycle', 'livenessProbe', 'readinessProbe'].map(
        (field) =>
          `${i}.${field}: Forbidden: may not be set for init containers without restartPolicy=Always`,
      ),
    },
    {
      name: 'a sidecar with probes and hooks',
      init: { restartPolicy: 'Always', lifecycle: { preStop: probe }, readinessProbe: probe },
      expected: [],
    },
    {
      name: 'an unknown restart policy',
      init: { restartPolicy: 'Maybe' },
      expected: [
        `${i}.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"`,
      ],
    },
    {
      name: 'a host port of a container that runs later',
      init: { ports: [{ containerPort: 1, hostPort: 80 }] },
      expected: [],
    },
  ])('$name', ({ init, expected }) => {
    const container = { ports: [{ containerPort: 1, hostPort: 80 }] }
    const initContainers = [{ name: 'i', image: 'i', ...init }]
    expect(problemsOf(podOf(container, { initContainers }))).toEqual(expected)
  })
})

describe('ephemeral containers', () => {
  const refused = (field: string) =>
    `${e}.${field}: Forbidden: cannot be set for an Ephemeral Container`
  const onCreate = 'spec.ephemeralContainers: Forbidden: cannot be set on create'
  test.for([
    { name: 'a plain one', container: { targetContainerName: 'c' }, expected: [] },
    {
      name: 'a name that is taken and an unknown target',
      container: { name: 'c', targetContainerName: 'x' },
      expected: [`${e}.name: Duplicate value: "c"`, `${e}.targetContainerName: Not found: "x"`],
    },
    {
      name: 'what only lasting containers have',
      container: {
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: '1' } },
        restartPolicy: 'Always',
        livenessProbe: { exec: { command: ['x'] } },
        startupProbe: { exec: { command: ['x'] } },
        lifecycle: { preStop: { exec: { command: ['x'] } } },
      },
      expected: [
        'ports',
        'resources',
        'restartPolicy',
        'livenessProbe',
        'startupProbe',
        'lifecycle',
      ].map(refused),
    },
    {
      name: 'parts of volumes',
      container: {
        volumeMounts: [
          { name: 'v', mountPath: '/a', subPath: 'x' },
          { name: 'v', mountPath: '/b', subPathExpr: 'x' },
        ],
      },
      expected: [refused('volumeMounts[0].subPath'), refused('volumeMounts[1].subPathExpr')],
    },
  ])('$name', ({ container, expected }) => {
    const ephemeralContainers = [{ name: 'e', image: 'i', ...container }]
    const found = problemsOf(pod({ volumes: [{ name: 'v' }], ephemeralContainers }))
    expect(found).toEqual([...expected, onCreate])
  })
})
