/** What pods are when they do not say so. */
import { describe, expect, test } from 'vitest'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import { PodTemplate } from '../../kinds/core/pod-template.ts'
import { plainContainer, pod, podOf } from './judged-pod.ts'

test('a pod that says next to nothing', () => {
  expect(pod().spec).toEqual({
    containers: [
      {
        name: 'c',
        image: 'i',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  })
})

test('what is said stays', () => {
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    dnsPolicy: 'Default',
    schedulerName: 'mine',
    enableServiceLinks: false,
  }
  expect(pod(spec).spec).toMatchObject(spec)
})

describe('resources', () => {
  test.for([
    { given: { limits: { cpu: '1' } }, stored: { limits: { cpu: '1' }, requests: { cpu: '1' } } },
    {
      given: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
      stored: {
        limits: { cpu: '1', memory: '1Gi' },
        requests: { cpu: '500m', memory: '1Gi' },
      },
    },
    { given: { requests: { cpu: '1' } }, stored: { requests: { cpu: '1' } } },
    { given: { requests: { cpu: '1500u' } }, stored: { requests: { cpu: '2m' } } },
  ])('$given', ({ given, stored }) => {
    expect(podOf({ resources: given }).spec.containers![0]!.resources).toEqual(stored)
    const initContainers = [{ name: 'i', image: 'i', resources: given }]
    expect(pod({ initContainers }).spec.initContainers![0]!.resources).toEqual(stored)
  })

  test.for([
    { given: {}, stored: {} },
    {
      given: { requests: { cpu: '3' } },
      stored: {
        limits: { 'hugepages-2Mi': '2Mi' },
        requests: { cpu: '3', 'hugepages-2Mi': '2Mi' },
      },
    },
    {
      given: { limits: { cpu: '3', memory: '1Gi' } },
      stored: {
        limits: { cpu: '3', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
        requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
      },
    },
  ])('of the pod as a whole: $given', ({ given, stored }) => {
    const resources = { limits: { 'hugepages-2Mi': '2Mi' }, requests: { cpu: '1' } }
    expect(podOf({ resources }, { resources: given }).spec.resources).toEqual(stored)
  })
})

test('ports on the network of the node', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }, {}]
  const hostPorts = (spec: object) =>
    podOf({ ports }, spec).spec.containers![0]!.ports!.map(({ hostPort }) => hostPort)
  expect(hostPorts({ hostNetwork: true })).toEqual([80, 81, undefined])
  expect(hostPorts({})).toEqual([undefined, 81, undefined])
})

test.for([
  { given: {}, stored: {} },
  { given: { serviceAccountName: 'a' }, stored: { serviceAccountName: 'a', serviceAccount: 'a' } },
  { given: { serviceAccount: 'a' }, stored: { serviceAccountName: 'a', serviceAccount: 'a' } },
  {
    given: { serviceAccountName: 'a', serviceAccount: 'b' },
    stored: { serviceAccountName: 'a', serviceAccount: 'a' },
  },
])('the account $given', ({ given, stored }) => {
  const { serviceAccountName, serviceAccount } = pod(given).spec
  expect({ ...(serviceAccountName && { serviceAccountName, serviceAccount }) }).toEqual(stored)
})

test.for([
  { image: 'a', policy: 'Always' },
  { image: 'a:latest', policy: 'Always' },
  { image: 'a:1', policy: 'IfNotPresent' },
])('image $image is pulled $policy', ({ image, policy }) => {
  expect(podOf({ image }).spec.containers![0]!.imagePullPolicy).toBe(policy)
  const { spec } = pod({ ephemeralContainers: [{ name: 'e', image }] })
  expect(spec.ephemeralContainers![0]).toMatchObject({
    imagePullPolicy: policy,
    terminationMessagePolicy: 'File',
  })
})

test('probes and references', () => {
  const container = {
    livenessProbe: { httpGet: { port: 80 } },
    readinessProbe: { grpc: { port: 80 }, timeoutSeconds: 3 },
    env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ports: [{ containerPort: 80 }],
  }
  const counters = { periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
  expect(podOf(container).spec.containers![0]).toMatchObject({
    livenessProbe: {
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      timeoutSeconds: 1,
      ...counters,
    },
    readinessProbe: { grpc: { port: 80, service: '' }, timeoutSeconds: 3, ...counters },
    env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
    ports: [{ containerPort: 80, protocol: 'TCP' }],
  })
})

test('templates keep what their author wrote', () => {
  const container = {
    ...plainContainer,
    resources: { limits: { cpu: '1' } },
    ports: [{ containerPort: 80 }],
  }
  const template = { spec: { hostNetwork: true, containers: [container] } }
  const { spec } = applyDefaults(
    PodTemplate.schema,
    decode(PodTemplate.schema, { template }),
  ).template
  expect(spec).not.toHaveProperty('enableServiceLinks')
  expect(spec.containers![0]!.resources).toEqual({ limits: { cpu: '1' } })
  expect(spec.containers![0]!.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }])
  expect(spec.terminationGracePeriodSeconds).toBe(30)
})
