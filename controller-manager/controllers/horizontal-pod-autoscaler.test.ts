/** Tries autoscaling on a real server: workloads, metrics that come and go, what is said of it. */
import { expect, test } from 'vitest'
import { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import {
  HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerSpec,
} from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { PodMetrics } from '#api/kinds/metrics/pod-metrics.ts'
import { everything } from '#api/label-selector.ts'
import { epochToTime } from '#api/time.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { connect } from '#test/connect.ts'
import { answer, startScriptedServer } from '#test/scripted-server.ts'
import { runPods, template, webSelector } from '#test/workloads.ts'
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts'
import { externalValues, objectValue, podSamples } from './horizontal-pod-autoscaler-metrics.ts'
import { replicaSetController } from './replicaset.ts'

const SYNC_MS = 15_000
const start = () =>
  startCluster({
    controllers: [horizontalPodAutoscalerController(), replicaSetController],
    // The test itself says what pods use, by custom resources in this place.
    settings: { disabledVersions: new Set(['metrics.k8s.io/v1beta1']) },
  })

/** Pods that request 100m each. */
async function addWeb(cluster: Cluster, replicas: number) {
  const base = template()
  const [main] = base.spec.containers
  const containers = [{ ...main!, resources: { requests: { cpu: '100m' } } }]
  await cluster.client.create(ReplicaSet, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: webSelector,
      template: { ...base, spec: { containers } },
    },
  })
  await runPods(cluster)
  await started(cluster)
}

/** Long ago, so that what they use counts. */
async function started({ client, clock }: Cluster) {
  const startTime = epochToTime(Math.floor(clock.now() / 1000) - 3600)
  for (const pod of await client.list(Pod)) {
    await client.patch(Pod, pod, { status: { startTime } }, { subresource: 'status' })
  }
}

const scaler = (spec: Partial<HorizontalPodAutoscalerSpec> = {}, name = 'web') => ({
  metadata: { name, namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' },
    minReplicas: 1,
    maxReplicas: 10,
    ...spec,
  } as HorizontalPodAutoscalerSpec,
})

/** As if somebody served the group: as custom resources. */
async function serveMetrics(cluster: Cluster) {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  await cluster.client.create(CustomResourceDefinition, {
    metadata: {
      name: 'pods.metrics.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group: 'metrics.k8s.io',
      scope: 'Namespaced',
      names: { plural: 'pods', kind: 'PodMetrics' },
      versions: [
        { name: 'v1beta1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
      ],
    },
  } as never)
}

async function use(cluster: Cluster, cpu: string) {
  const { client, clock } = cluster
  await started(cluster)
  for (const { metadata } of await client.list(Pod)) {
    const { name, labels } = metadata
    const facts = {
      metadata: { name, namespace: 'default', labels },
      timestamp: epochToTime(Math.floor(clock.now() / 1000)),
      window: '30s',
      containers: [{ name: 'main', usage: { cpu, memory: '1Gi' } }],
    }
    const known = await client.find(PodMetrics, { name, namespace: 'default' })
    if (known) await client.patch(PodMetrics, known, facts)
    else await client.create(PodMetrics, facts as never)
  }
}

async function sync(cluster: Cluster, times = 1) {
  for (let count = 0; count < times; count++) {
    cluster.clock.jump(SYNC_MS)
    await cluster.settle()
  }
}

const statusIn = async ({ client }: Cluster, name = 'web') =>
  (await client.get(HorizontalPodAutoscaler, { name })).status
const replicasIn = async ({ client }: Cluster) =>
  (await client.get(ReplicaSet, { name: 'web' })).spec.replicas
const conditionsIn = async (cluster: Cluster, name = 'web') =>
  ((await statusIn(cluster, name)).conditions ?? []).map(
    ({ type, status, reason }) => `${type}=${status} ${reason}`,
  )
const told = async ({ client }: Cluster) =>
  (await client.list(Event, { namespace: 'default' }))
    .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler')
    .map(({ reason, message }) => `${reason}: ${message}`)

test('pods come quickly when they are busy, and go slowly when they are idle', async () => {
  await using cluster = await start()
  await serveMetrics(cluster)
  await addWeb(cluster, 2)
  await use(cluster, '160m')
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
  await cluster.client.create(HorizontalPodAutoscaler, scaler({ behavior }))
  await cluster.settle()
  expect(await replicasIn(cluster)).toBe(4)
  expect(await statusIn(cluster)).toMatchObject({
    currentReplicas: 2,
    desiredReplicas: 4,
    currentMetrics: [
      { resource: { name: 'cpu', current: { averageUtilization: 160, averageValue: '160m' } } },
    ],
  })
  expect(await conditionsIn(cluster)).toEqual([
    'AbleToScale=True SucceededRescale',
    'ScalingActive=True ValidMetricFound',
    'ScalingLimited=False DesiredWithinRange',
  ])
  expect(await told(cluster)).toEqual([
    'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
  ])
  await runPods(cluster)
  await use(cluster, '20m')
  await sync(cluster)
  expect(await replicasIn(cluster)).toBe(4)
  expect(await conditionsIn(cluster)).toContain('AbleToScale=True ScaleDownStabilized')
  await sync(cluster, 4)
  expect(await replicasIn(cluster)).toBe(1)
  expect(await told(cluster)).toContain(
    'SuccessfulRescale: New size: 1; reason: All metrics below target',
  )
})

test('without anybody who measures nothing is scaled, and the status says why', async () => {
  await using cluster = await start()
  await addWeb(cluster, 2)
  await cluster.client.create(HorizontalPodAutoscaler, scaler())
  await cluster.settle()
  expect(await conditionsIn(cluster)).toEqual([
    'AbleToScale=True SucceededGetScale',
    'ScalingActive=False FailedGetResourceMetric',
  ])
  const why =
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch ' +
    'metrics from resource metrics API: the server could not find the requested resource ' +
    '(get pods.metrics.k8s.io)'
  expect(await told(cluster)).toEqual([
    `FailedGetResourceMetric: ${why}`,
    `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: ${why}`,
  ])
  expect((await statusIn(cluster)).currentReplicas).toBe(2)
  await serveMetrics(cluster)
  await use(cluster, '80m')
  await sync(cluster)
  expect(await conditionsIn(cluster)).toContain('ScalingActive=True ValidMetricFound')
})

test('of two metrics one may fail as long as the other asks for more pods', async () => {
  await using cluster = await start()
  await serveMetrics(cluster)
  await addWeb(cluster, 2)
  await use(cluster, '160m')
  const target = { type: 'AverageValue', averageValue: '10' } as const
  const requests = { type: 'Pods', pods: { metric: { name: 'requests' }, target } } as const
  const utilization = { type: 'Utilization', averageUtilization: 80 } as const
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: utilization } } as const
  await cluster.client.create(HorizontalPodAutoscaler, scaler({ metrics: [requests, cpu] }))
  await cluster.settle()
  expect(await replicasIn(cluster)).toBe(4)
  const { currentMetrics } = await statusIn(cluster)
  expect(currentMetrics?.map(({ type }) => type)).toEqual(['', 'Resource'])
  expect(await told(cluster)).toContain(
    'FailedGetPodsMetric: failed to get pods metric value: unable to get metric requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  )
})

test('bounds hold at once, and a workload of no pods is left alone', async () => {
  await using cluster = await start()
  const { client } = cluster
  await addWeb(cluster, 1)
  await client.create(HorizontalPodAutoscaler, scaler({ minReplicas: 3, maxReplicas: 4 }))
  await cluster.settle()
  expect(await replicasIn(cluster)).toBe(3)
  await client.patch(ReplicaSet, { name: 'web' }, { spec: { replicas: 9 } })
  await sync(cluster)
  expect(await replicasIn(cluster)).toBe(4)
  expect(await told(cluster)).toContain(
    'SuccessfulRescale: New size: 4; reason: Current number of replicas above Spec.MaxReplicas',
  )
  await client.patch(ReplicaSet, { name: 'web' }, { spec: { replicas: 0 } })
  await sync(cluster)
  expect(await replicasIn(cluster)).toBe(0)
  expect(await conditionsIn(cluster)).toContain('ScalingActive=False ScalingDisabled')
})

test('a change of the autoscaler counts at once, and its own status is no change', async () => {
  await using cluster = await start()
  await serveMetrics(cluster)
  await addWeb(cluster, 2)
  await use(cluster, '80m')
  const made = await cluster.client.create(HorizontalPodAutoscaler, scaler())
  await cluster.settle()
  const versionIn = async () =>
    (await cluster.client.get(HorizontalPodAutoscaler, made)).metadata.resourceVersion
  const version = await versionIn()
  await cluster.settle()
  await sync(cluster)
  await sync(cluster)
  expect(await versionIn()).toBe(version)
  await cluster.client.patch(HorizontalPodAutoscaler, made, { spec: { minReplicas: 5 } })
  await cluster.settle()
  expect(await replicasIn(cluster)).toBe(5)
})

test('what cannot be scaled, and pods that two autoscalers are about, are told', async () => {
  await using cluster = await start()
  const { client } = cluster
  await addWeb(cluster, 2)
  const target = (kind: string, name: string, apiVersion = 'apps/v1') => ({
    scaleTargetRef: { kind, name, apiVersion },
  })
  await client.create(HorizontalPodAutoscaler, scaler(target('ReplicaSet', 'none'), 'a'))
  await client.create(HorizontalPodAutoscaler, scaler(target('Foo', 'none', 'example.com/v1'), 'b'))
  await client.create(HorizontalPodAutoscaler, scaler({}, 'c'))
  await cluster.settle()
  await client.create(HorizontalPodAutoscaler, scaler({}, 'd'))
  await cluster.settle()
  expect(await conditionsIn(cluster, 'a')).toEqual(['AbleToScale=False FailedGetScale'])
  expect(await conditionsIn(cluster, 'd')).toContain('ScalingActive=False AmbiguousSelector')
  const messages = await told(cluster)
  expect(messages).toContain('FailedGetScale: replicasets/scale.apps "none" not found')
  expect(messages).toContain(
    'FailedGetScale: unable to determine resource for scale target reference: no matches for kind "Foo" in group "example.com"',
  )
  expect(messages).toContain(
    'AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs: [{c default} {d default}]',
  )
})

test('custom resources with a scale are scaled', async () => {
  await using cluster = await start()
  const { client } = cluster
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
          subresources: {
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
        },
      ],
    },
  } as never)
  const foo = {
    group: 'example.com',
    version: 'v1',
    apiVersion: 'example.com/v1',
    kind: 'Foo',
    plural: 'foos',
  }
  const metadata = { name: 'foo', namespace: 'default' }
  await client.create(foo as never, { metadata, spec: { replicas: 1 } } as never)
  const scaleTargetRef = { apiVersion: 'example.com/v1', kind: 'Foo', name: 'foo' }
  await client.create(HorizontalPodAutoscaler, scaler({ scaleTargetRef, minReplicas: 3 }))
  await cluster.settle()
  const after = (await client.get(foo as never, metadata)) as { spec: { replicas: number } }
  expect(after.spec.replicas).toBe(3)
})

test('metrics of others are asked for where their servers have them', async () => {
  const item = (name: string, value: string) => ({
    describedObject: { name },
    timestamp: '2026-01-01T00:00:00Z',
    windowSeconds: 10,
    value,
  })
  await using server = await startScriptedServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    if (path.includes('v1beta2')) answer(response, 404, '404 page not found')
    else if (path.includes('empty')) answer(response, 200, { items: [] })
    else answer(response, 200, { items: [item('a', '1500m'), item('b', '2')] })
  })
  await using connected = connect(server.url)
  const { client } = connected
  const source = { client, namespace: 'space', signal: new AbortController().signal }
  const metric = { name: 'depth', selector: { matchLabels: { queue: 'jobs' } } }
  const samples = await podSamples(source, metric, everything)
  expect([...samples]).toEqual([
    ['a', { value: 1500, timestampMs: Date.UTC(2026, 0), windowMs: 10_000 }],
    ['b', { value: 2000, timestampMs: Date.UTC(2026, 0), windowMs: 10_000 }],
  ])
  const services = { group: '', plural: 'services' } as never
  const object = { kind: 'Service', name: 'web' }
  expect(await objectValue(source, { name: 'depth' }, services, object)).toBe(1500)
  expect(await externalValues(source, metric)).toEqual([1500, 2000])
  const nothing = externalValues(source, { name: 'empty' })
  await expect(nothing).rejects.toThrow('no metrics returned from external metrics API')
  const paths = server.requests.map(({ url }) => decodeURIComponent(url ?? ''))
  expect(paths.filter((path) => !path.includes('v1beta2'))).toEqual([
    '/apis/custom.metrics.k8s.io/v1beta1/namespaces/space/pods/*/depth?labelSelector=&metricLabelSelector=queue=jobs',
    '/apis/custom.metrics.k8s.io/v1beta1/namespaces/space/services/web/depth',
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/space/depth?labelSelector=queue=jobs',
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/space/empty',
  ])
})
