/** Storage, quotas, budgets and autoscaling under the roles of upstream's controllers alone. */
import { expect, test } from 'vitest'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { HorizontalPodAutoscaler } from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import { VolumeAttachment } from '#api/kinds/storage/volume-attachment.ts'
import { LOCAL_PATH_DIRECTORY } from '#api/rules/local-path-volume.ts'
import { SELECTED_NODE } from '#api/rules/volume-binding.ts'
import { type RoleScene, startWithRoles } from '#test/role-scene.ts'
import { claimOf, podUsing, volumeOf } from '#test/volumes.ts'
import { template, webSelector } from '#test/workloads.ts'
import { type ControllerSettings, controllers } from './controllers.ts'

const settings = { rootAuthorities: '' } as ControllerSettings

const start = (...names: string[]): Promise<RoleScene> =>
  startWithRoles(
    controllers
      .filter(({ name }) => names.includes(name))
      .map(({ account, controller }) => {
        const made = typeof controller === 'function' ? (controller(settings) ?? []) : controller
        return { account, controllers: [made].flat() }
      }),
  )

test('nothing that they do about volumes is forbidden', async () => {
  await using scene = await start(
    'ephemeral-volume-controller',
    'local-path-provisioner',
    'persistentvolume-binder-controller',
    'persistentvolume-expander-controller',
    'persistentvolume-protection-controller',
    'persistentvolumeclaim-protection-controller',
  )
  const { client, until } = scene
  const annotations = { [LOCAL_PATH_DIRECTORY]: '/data' }
  const labels = { 'kubernetes.io/hostname': 'n1' }
  await client.create(Node, { metadata: { name: 'n1', annotations, labels } })
  const volume = {
    name: 'scratch',
    ephemeral: { volumeClaimTemplate: { spec: claimOf('', '1Gi').spec } },
  }
  const containers = [{ name: 'main', image: 'image' }]
  const pod = { metadata: { name: 'web' }, spec: { containers, volumes: [volume] } }
  await client.create(Pod, pod)
  const name = 'web-scratch'
  await until(async () => (await client.find(PersistentVolumeClaim, { name })) !== undefined)
  const select = { metadata: { annotations: { [SELECTED_NODE]: 'n1' } } }
  await client.patch(PersistentVolumeClaim, { name }, select)
  const claim = () => client.get(PersistentVolumeClaim, { name })
  await until(async () => (await claim()).status.phase === 'Bound')
  const grown = { spec: { resources: { requests: { storage: '2Gi' } } } }
  await client.patch(PersistentVolumeClaim, { name }, grown)
  await until(async () => (await claim()).status.capacity?.storage === '2Gi')
  await client.delete(Pod, { name: 'web' })
  await client.delete(PersistentVolumeClaim, { name })
  const volumes = () => client.list(PersistentVolume)
  await until(async () => (await volumes())[0]?.metadata.deletionTimestamp !== undefined)
  await client.delete(Node, { name: 'n1' })
  await until(async () => (await volumes()).length === 0)
  expect(scene.logged).toEqual([])
})

test('nor what they do about quotas, budgets and numbers of pods', async () => {
  await using scene = await start(
    'disruption-controller',
    'horizontal-pod-autoscaler-controller',
    'replicaset-controller',
    'resourcequota-controller',
  )
  const { client, until } = scene
  const web = { name: 'web', namespace: 'default' }
  const hard = { pods: '5', 'count/replicasets.apps': '5' }
  await client.create(ResourceQuota, { metadata: web, spec: { hard } })
  const used = async () => (await client.get(ResourceQuota, web)).status.used
  await until(async () => (await used()) !== undefined)
  await client.create(ReplicaSet, {
    metadata: web,
    spec: { replicas: 1, selector: webSelector, template: template() },
  })
  await client.create(PodDisruptionBudget, {
    metadata: web,
    spec: { selector: webSelector, maxUnavailable: 1 },
  })
  await client.create(HorizontalPodAutoscaler, {
    metadata: web,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' },
      minReplicas: 3,
      maxReplicas: 5,
    },
  })
  await until(async () => (await client.list(Pod)).length === 3)
  const budget = async () => (await client.get(PodDisruptionBudget, web)).status.expectedPods
  await until(async () => (await budget()) === 3)
  await until(async () => (await used())?.pods === '3')
  const conditions = async () => (await client.get(HorizontalPodAutoscaler, web)).status.conditions
  await until(
    async () => (await conditions())?.some(({ type }) => type === 'ScalingActive') ?? false,
  )
  // Nobody measures anything here; all else is as it should be.
  const active = (await conditions())?.find(({ type }) => type === 'ScalingActive')
  expect(active?.message).toContain('unable to get metrics for resource cpu')
  expect(scene.logged).toEqual([])
})

test('nor that volumes are attached, and ranges of addresses kept', async () => {
  await using scene = await start(
    'persistentvolume-attach-detach-controller',
    'persistentvolume-binder-controller',
    'service-cidr-controller',
  )
  const { client, until } = scene
  const managed = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
  await client.create(Node, { metadata: { name: 'n1', annotations: managed } })
  const csi = { driver: 'example.com', volumeHandle: 'disk-1' }
  await client.create(PersistentVolume, volumeOf('v', '1Gi', { csi, hostPath: null } as never))
  const claim = claimOf('data', '1Gi', { storageClassName: '' })
  await client.create(PersistentVolumeClaim, claim)
  await client.create(Pod, podUsing('web', 'data', 'n1'))
  const attachments = () => client.list(VolumeAttachment)
  await until(async () => (await attachments()).length === 1)
  const status = { attached: true }
  const [attachment] = await attachments()
  await client.patch(VolumeAttachment, attachment!, { status }, { subresource: 'status' })
  const node = () => client.get(Node, { name: 'n1' })
  await until(async () => (await node()).status.volumesAttached?.length === 1)
  await client.delete(Pod, { name: 'web' }, { gracePeriodSeconds: 0 })
  await until(async () => (await attachments()).length === 0)
  const more = { metadata: { name: 'more' }, spec: { cidrs: ['10.9.0.0/24'] } }
  await client.create(ServiceCIDR, more)
  const found = () => client.find(ServiceCIDR, { name: 'more' })
  await until(async () => Boolean((await found())?.status.conditions?.length))
  await client.delete(ServiceCIDR, { name: 'more' })
  await until(async () => (await found()) === undefined)
  expect(scene.logged).toEqual([])
})
