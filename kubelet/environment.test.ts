/** Environments of containers: where values come from, which win, and what is missing. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import { type EnvironmentSources, environmentOf, expandAll } from './environment.ts'

const pod = {
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'uid-1',
    labels: { tier: 'front', 'app.io/name': 'web' },
    annotations: { note: 'say "hi"' },
  },
  spec: {
    nodeName: 'node-1',
    serviceAccountName: 'robot',
    enableServiceLinks: false,
    containers: [
      { name: 'main', resources: { limits: { memory: '64Mi' }, requests: { cpu: '250m' } } },
      { name: 'side', resources: { limits: { cpu: '1500m' } } },
    ],
  },
  status: {},
} as unknown as Pod

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const sources: EnvironmentSources = {
  configMap: async (_, name) =>
    name === 'settings'
      ? ({ data: { COLOUR: 'red', 'with.dot': 'yes', SIZE: 'L' } } as never)
      : undefined,
  secret: async (_, name) =>
    name === 'keys' ? ({ data: { PASSWORD: base64('p\u00e4ss') } } as never) : undefined,
  services: async () => [
    {
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 443, protocol: 'TCP' }] },
    } as never,
  ],
  environmentFile: async (_, volume, path) =>
    volume === 'shared' && path === 'env' ? "NAME='from file'\n" : undefined,
}

const facts = {
  podIps: ['10.244.1.5', 'fd00::5'],
  hostIps: ['172.28.0.11'],
  allocatable: { cpu: '3', memory: '8Gi', 'ephemeral-storage': '100Gi' },
}

async function environment(container: Partial<Container>): Promise<Record<string, string>> {
  const whole = { ...pod.spec.containers![0]!, ...container }
  const variables = await environmentOf(pod, whole, sources, facts)
  const own = variables.filter(({ name }) => !name.startsWith('KUBERNETES_'))
  return Object.fromEntries(own.map(({ name, value }) => [name, value]))
}

const fieldRef = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
const resourceFieldRef = (resource: string, more: object = {}) => ({
  valueFrom: { resourceFieldRef: { resource, ...more } },
})

test.for([
  { from: { value: 'plain' }, value: 'plain' },
  { from: fieldRef('metadata.name'), value: 'web' },
  { from: fieldRef('metadata.namespace'), value: 'shop' },
  { from: fieldRef('metadata.uid'), value: 'uid-1' },
  { from: fieldRef("metadata.labels['app.io/name']"), value: 'web' },
  { from: fieldRef("metadata.labels['missing']"), value: '' },
  { from: fieldRef("metadata.annotations['note']"), value: 'say "hi"' },
  { from: fieldRef('spec.nodeName'), value: 'node-1' },
  { from: fieldRef('spec.serviceAccountName'), value: 'robot' },
  { from: fieldRef('status.podIP'), value: '10.244.1.5' },
  { from: fieldRef('status.podIPs'), value: '10.244.1.5,fd00::5' },
  { from: fieldRef('status.hostIP'), value: '172.28.0.11' },
  { from: fieldRef('status.hostIPs'), value: '172.28.0.11' },
  { from: resourceFieldRef('limits.memory'), value: '67108864' },
  { from: resourceFieldRef('limits.memory', { divisor: '1Mi' }), value: '64' },
  { from: resourceFieldRef('limits.memory', { divisor: '1G' }), value: '1' },
  { from: resourceFieldRef('limits.cpu'), value: '3' },
  { from: resourceFieldRef('limits.cpu', { divisor: '1m' }), value: '3000' },
  { from: resourceFieldRef('limits.cpu', { containerName: 'side' }), value: '2' },
  { from: resourceFieldRef('limits.ephemeral-storage', { divisor: '1Gi' }), value: '100' },
  { from: resourceFieldRef('requests.cpu'), value: '1' },
  { from: resourceFieldRef('requests.cpu', { divisor: '1m' }), value: '250' },
  { from: resourceFieldRef('requests.memory'), value: '0' },
  { from: { valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOUR' } } }, value: 'red' },
  { from: { valueFrom: { secretKeyRef: { name: 'keys', key: 'PASSWORD' } } }, value: 'p\u00e4ss' },
  {
    from: { valueFrom: { configMapKeyRef: { name: 'none', key: 'A', optional: true } } },
    value: undefined,
  },
  {
    from: { valueFrom: { secretKeyRef: { name: 'keys', key: 'NONE', optional: true } } },
    value: undefined,
  },
  {
    from: {
      valueFrom: {
        fileKeyRef: { volumeName: 'shared', path: 'env', key: 'NAME', optional: false },
      },
    },
    value: 'from file',
  },
  {
    from: {
      valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'no', key: 'NAME', optional: true } },
    },
    value: undefined,
  },
])('$from becomes $value', async ({ from, value }) => {
  const result = await environment({ env: [{ name: 'A', ...from } as never] })
  expect(result.A).toBe(value)
})

test.for([
  {
    from: { valueFrom: { configMapKeyRef: { name: 'none', key: 'A' } } },
    message: 'configmap "none" not found',
  },
  {
    from: { valueFrom: { configMapKeyRef: { name: 'settings', key: 'NONE' } } },
    message: "couldn't find key NONE in ConfigMap shop/settings",
  },
  {
    from: { valueFrom: { secretKeyRef: { name: 'none', key: 'A' } } },
    message: 'secret "none" not found',
  },
  {
    from: { valueFrom: { secretKeyRef: { name: 'keys', key: 'NONE' } } },
    message: "couldn't find key NONE in Secret shop/keys",
  },
  {
    from: resourceFieldRef('limits.cpu', { containerName: 'nobody' }),
    message: 'container nobody not found',
  },
  {
    from: {
      valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'env', key: 'B', optional: false } },
    },
    message: 'environment variable key "B" not found in file "env"',
  },
])('says what is missing: $message', async ({ from, message }) => {
  const wanted = environment({ env: [{ name: 'A', ...from } as never] })
  await expect(wanted).rejects.toMatchObject({ name: 'ConfigError', message })
})

test('whole sources become variables with a prefix, whatever their keys', async () => {
  const result = await environment({
    envFrom: [
      { configMapRef: { name: 'settings' }, prefix: 'P_' },
      { secretRef: { name: 'keys' } },
      { configMapRef: { name: 'none', optional: true } },
      { secretRef: { name: 'none', optional: true } },
    ],
  })
  expect(result).toEqual({
    P_COLOUR: 'red',
    'P_with.dot': 'yes',
    P_SIZE: 'L',
    PASSWORD: 'p\u00e4ss',
  })
})

test.for([
  { from: { configMapRef: { name: 'none' } }, message: 'configmap "none" not found' },
  { from: { secretRef: { name: 'none' } }, message: 'secret "none" not found' },
])('a whole source that is missing is an error: $message', async ({ from, message }) => {
  await expect(environment({ envFrom: [from] })).rejects.toThrow(message)
})

test('variables see those before them, those of sources and Services', async () => {
  const result = await environment({
    envFrom: [{ configMapRef: { name: 'settings' } }],
    env: [
      { name: 'A', value: '$(LATER) $(COLOUR)' },
      { name: 'LATER', value: 'x' },
      { name: 'B', value: '$(A)-$(LATER)-$$(LATER)' },
      { name: 'COLOUR', value: 'blue' },
      { name: 'URL', value: 'https://$(KUBERNETES_SERVICE_HOST)' },
      { name: 'EMPTY' },
    ],
  })
  expect(result).toMatchObject({
    A: '$(LATER) red',
    B: '$(LATER) red-x-$(LATER)',
    COLOUR: 'blue',
    URL: 'https://10.96.0.1',
    EMPTY: '',
  })
})

test('variables of the pod win over those of Services', async () => {
  const env = [{ name: 'KUBERNETES_SERVICE_HOST', value: 'mine' }]
  const container = { ...pod.spec.containers![0]!, env }
  const variables = await environmentOf(pod, container, sources, facts)
  const hosts = variables.filter(({ name }) => name === 'KUBERNETES_SERVICE_HOST')
  expect(hosts).toEqual([{ name: 'KUBERNETES_SERVICE_HOST', value: 'mine' }])
})

test('commands and arguments refer to the environment', () => {
  const variables = [{ name: 'A', value: 'x' }]
  expect(expandAll(['run', '--a=$(A)', '$(B)', '$$(A)'], variables)).toEqual([
    'run',
    '--a=x',
    '$(B)',
    '$(A)',
  ])
  expect(expandAll(undefined, variables)).toBeUndefined()
})
