/** Which environment variables a container may have. */
import { expect, test } from 'vitest'
import { podOf, problemsOf } from './judged-pod.ts'

const at = 'spec.containers[0].env[0]'
const from = `${at}.valueFrom`
const envFields =
  '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
const resources =
  '"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"'
const units = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'

test.for([
  { name: 'plain', env: { name: 'A', value: '$(B)' }, expected: [] },
  { name: 'any printable name', env: { name: '1 odd-name.!' }, expected: [] },
  { name: 'no name', env: { value: 'x' }, expected: [`${at}.name: Required value`] },
  {
    name: 'equals sign',
    env: { name: 'a=b' },
    expected: [
      `${at}.name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
  },
  {
    name: 'no source',
    env: { name: 'A', valueFrom: {} },
    expected: [
      `${from}: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
    ],
  },
  {
    name: 'value and source',
    env: { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    expected: [`${from}: Invalid value: "": may not be specified when \`value\` is not empty`],
  },
  {
    name: 'two sources',
    env: {
      name: 'A',
      valueFrom: {
        fieldRef: { fieldPath: 'metadata.name' },
        secretKeyRef: { name: 's', key: 'k' },
      },
    },
    expected: [`${from}: Invalid value: "": may not have more than one field specified at a time`],
  },
  {
    name: 'empty field path',
    env: { name: 'A', valueFrom: { fieldRef: { fieldPath: '' } } },
    expected: [`${from}.fieldRef.fieldPath: Required value`],
  },
  {
    name: 'unknown field',
    env: { name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } },
    expected: [
      `${from}.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers`,
    ],
  },
  {
    name: 'known field that is not for variables',
    env: { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
    expected: [
      `${from}.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${envFields}`,
    ],
  },
  {
    name: 'label by key',
    env: { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a/b']" } } },
    expected: [],
  },
  {
    name: 'subscript where none can be',
    env: { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
    expected: [
      `${from}.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
    ],
  },
  {
    name: 'other version',
    env: { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
    expected: [
      `${from}.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
    ],
  },
  {
    name: 'unknown resource',
    env: { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } },
    expected: [
      `${from}.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: ${resources}`,
    ],
  },
  {
    name: 'huge pages',
    env: { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.hugepages-2Mi' } } },
    expected: [],
  },
  {
    name: 'divisor of cpu',
    env: { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
    expected: [
      `${from}.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
    ],
  },
  {
    name: 'divisor of memory',
    env: {
      name: 'A',
      valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1m' } },
    },
    expected: [
      `${from}.resourceFieldRef.divisor: Invalid value: "requests.memory": only divisor's values ${units} are supported with the memory resource`,
    ],
  },
  {
    name: 'config map key',
    env: { name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: '..' } } },
    expected: [`${from}.configMapKeyRef.key: Invalid value: "..": must not be '..'`],
  },
  {
    name: 'secret without key',
    env: { name: 'A', valueFrom: { secretKeyRef: { name: 's' } } },
    expected: [`${from}.secretKeyRef.key: Required value`],
  },
  {
    name: 'file without anything',
    env: { name: 'A', valueFrom: { fileKeyRef: { volumeName: '', path: '', key: '' } } },
    expected: ['volumeName', 'path', 'key'].map(
      (field) => `${from}.fileKeyRef.${field}: Required value`,
    ),
  },
  {
    name: 'file of an unknown volume, outside of it',
    env: { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'x', path: '../a', key: 'K' } } },
    expected: [
      `${from}.fileKeyRef.path: Invalid value: "../a": must not contain '..'`,
      `${from}.fileKeyRef.volumeName: Not found: "x"`,
    ],
  },
  {
    name: 'file of a volume that no container writes',
    env: { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'conf', path: 'a', key: 'K' } } },
    expected: [
      `${from}.fileKeyRef.volumeName: Invalid value: "conf": referenced volume must be of type emptyDir`,
    ],
  },
  {
    name: 'file of an empty directory',
    env: { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'dir', path: 'a', key: 'K' } } },
    expected: [],
  },
])('a variable: $name', ({ env, expected }) => {
  const volumes = [{ name: 'dir' }, { name: 'conf', configMap: { name: 'c' } }]
  expect(problemsOf(podOf({ env: [env] }, { volumes }))).toEqual(expected)
})

const list = 'spec.containers[0].envFrom'
test.for([
  { source: { prefix: 'P_', configMapRef: { name: 'c' } }, expected: [] },
  { source: { secretRef: { name: 's', optional: true } }, expected: [] },
  { source: { secretRef: {} }, expected: [`${list}[0].secretRef.name: Required value`] },
  {
    source: { prefix: 'a=', configMapRef: { name: 'c' } },
    expected: [
      `${list}[0].prefix: Invalid value: "a=": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
  },
  {
    source: {},
    expected: [
      `${list}: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
    ],
  },
  {
    source: { configMapRef: { name: 'c' }, secretRef: { name: 's' } },
    expected: [`${list}: Invalid value: "": may not have more than one field specified at a time`],
  },
])('a source of variables: $source', ({ source, expected }) => {
  expect(problemsOf(podOf({ envFrom: [source] }))).toEqual(expected)
})
