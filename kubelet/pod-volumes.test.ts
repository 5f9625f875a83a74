/** Volumes of pods appear, follow their sources, and go; what is missing is told and awaited. */
import { existsSync, readdirSync } from 'node:fs'
import { chmod, lstat, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { timers, until } from '#test/drive-clock.ts'
import {
  configMap,
  createConfigMap,
  createSecret,
  mounting,
  startVolumes,
} from '#test/volumes-on-node.ts'

const CONFIG_MAP = 'kubernetes.io~configmap'
const SECRET = 'kubernetes.io~secret'
const PROJECTED = 'kubernetes.io~projected'

test('files of ConfigMaps and Secrets follow their changes', async () => {
  await using node = await startVolumes()
  await createConfigMap(node, 'settings', { colour: 'red' })
  await createSecret(node, 'keys', { password: 'one' })
  const pod = await node.createPod(
    mounting([
      { name: 'a', configMap: { name: 'settings' } },
      { name: 'b', secret: { secretName: 'keys', defaultMode: 0o400 } },
    ] as never),
  )
  const prepared = await node.prepare(pod)
  expect(node.read(pod, CONFIG_MAP, 'a', 'colour')).toBe('red')
  expect(node.read(pod, SECRET, 'b', 'password')).toBe('one')
  const path = join(node.root, 'pods', pod.metadata.uid, 'volumes', SECRET, 'b')
  expect((await stat(join(path, 'password'))).mode & 0o777).toBe(0o400)
  const mounts = await node.volumes.mountsOf(prepared, pod.spec.containers![0]!, [])
  expect(mounts).toMatchObject([
    { containerPath: '/v/a', isReadOnly: true },
    { source: { path }, containerPath: '/v/b', isReadOnly: true },
  ])
  await node.client.update(ConfigMap, configMap('settings', { colour: 'blue', size: 'L' }))
  await until(() => node.read(pod, CONFIG_MAP, 'a', 'size') === 'L')
  expect(node.read(pod, CONFIG_MAP, 'a', 'colour')).toBe('blue')
  await node.client.patch(Secret, { name: 'keys' }, { stringData: { password: 'two' } })
  await until(() => node.read(pod, SECRET, 'b', 'password') === 'two')
})

test('what is missing is said as upstream says it, and the pod is called when it comes', async () => {
  await using node = await startVolumes()
  const pod = await node.createPod(
    mounting([
      { name: 'a', configMap: { name: 'settings' } },
      { name: 'b', secret: { secretName: 'keys' } },
      { name: 'c', configMap: { name: 'none', optional: true } },
    ] as never),
  )
  await expect(node.prepare(pod)).rejects.toMatchObject({
    reason: 'FailedMount',
    messages: [
      'MountVolume.SetUp failed for volume "a" : configmap "settings" not found',
      'MountVolume.SetUp failed for volume "b" : secret "keys" not found',
    ],
  })
  await createConfigMap(node, 'settings', {})
  await until(() => node.changed.includes(pod.metadata.uid))
  await createSecret(node, 'keys', { a: '1' })
  await until(() => node.changed.length >= 2)
  await node.prepare(pod)
  expect(node.read(pod, SECRET, 'b', 'a')).toBe('1')
})

test('a source that goes away leaves the files, and an event', async () => {
  await using node = await startVolumes()
  await createConfigMap(node, 'settings', { colour: 'red' })
  const pod = await node.createPod(
    mounting([{ name: 'a', configMap: { name: 'settings' } }] as never),
  )
  await node.prepare(pod)
  await node.client.delete(ConfigMap, { name: 'settings' })
  await until(() => node.warnings.length > 0)
  expect(node.warnings).toEqual([
    'FailedMount: MountVolume.SetUp failed for volume "a" : configmap "settings" not found',
  ])
  expect(node.read(pod, CONFIG_MAP, 'a', 'colour')).toBe('red')
})

test('what cannot change is not watched, and what nobody uses neither', async () => {
  await using node = await startVolumes()
  await node.client.create(ConfigMap, configMap('fixed', { a: '1' }, { immutable: true }))
  await createConfigMap(node, 'shared', { a: '1' })
  const spec = mounting([
    { name: 'a', configMap: { name: 'fixed' } },
    { name: 'b', configMap: { name: 'shared' } },
  ] as never)
  const [one, two] = [await node.createPod(spec), await node.createPod(spec, { name: 'q' })]
  await Promise.all([node.prepare(one), node.prepare(two)])
  expect(node.sources.watches).toBe(1)
  await node.volumes.release(one.metadata.uid)
  expect(node.sources.watches).toBe(1)
  await node.volumes.release(two.metadata.uid)
  expect(node.sources.watches).toBe(0)
  expect(await node.volumes.orphans()).toEqual([])
})

test('labels of the pod that change reach its files', async () => {
  await using node = await startVolumes()
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }]
  const pod = await node.createPod(mounting([{ name: 'a', downwardAPI: { items } }] as never), {
    labels: { tier: 'one' },
  })
  await node.prepare(pod)
  expect(node.read(pod, 'kubernetes.io~downward-api', 'a', 'labels')).toBe('tier="one"')
  const changed = await node.client.patch(Pod, pod, { metadata: { labels: { tier: 'two' } } })
  await node.prepare(changed)
  expect(node.read(pod, 'kubernetes.io~downward-api', 'a', 'labels')).toBe('tier="two"')
})

test('a token is renewed before its time, and kept while there is no newer one', async () => {
  await using node = await startVolumes()
  await createConfigMap(node, 'kube-root-ca.crt', { 'ca.crt': 'authority' })
  const sources = [
    { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }],
      },
    },
  ]
  const spec = mounting([{ name: 'api', projected: { sources } }] as never, {
    serviceAccountName: 'default',
  })
  const pod = await node.createPod(spec)
  await node.prepare(pod)
  const read = (name: string) => node.read(pod, PROJECTED, 'api', name)
  const first = read('token')
  expect([read('ca.crt'), read('namespace')]).toEqual(['authority', 'default'])
  await node.clock.advance(2700_000)
  expect(read('token')).toBe(first)
  node.clock.jump(200_000)
  await until(() => read('token') !== first)
  expect(claimsOf(read('token')!)).toMatchObject({
    sub: 'system:serviceaccount:default:default',
    'kubernetes.io': { pod: { name: 'p', uid: pod.metadata.uid } },
  })
  const second = read('token')
  await node.client.delete(ServiceAccount, { name: 'default' })
  await timers(node.clock)
  await node.clock.advance(2900_000)
  await node.prepare(pod)
  expect(read('token')).toBe(second)
  expect(node.warnings).toEqual([])
})

const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())

test('volumes in memory are the business of the sandbox', async () => {
  await using node = await startVolumes()
  const pod = await node.createPod(
    mounting([
      { name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
      { name: 'disk', emptyDir: {} },
    ] as never),
  )
  const prepared = await node.prepare(pod)
  expect(prepared.memoryVolumes).toEqual([{ name: 'mem', sizeBytes: 4 * 1024 * 1024 }])
  const [memory, disk] = await node.volumes.mountsOf(prepared, pod.spec.containers![0]!, [])
  expect(memory).toMatchObject({ source: { memoryVolume: 'mem' }, isReadOnly: false })
  const { path } = disk!.source as { path: string }
  expect((await stat(path)).mode & 0o7777).toBe(0o777)
})

test('a kubelet that starts anew leaves what containers use as it is', async () => {
  await using node = await startVolumes()
  await createConfigMap(node, 'settings', { colour: 'red' })
  const pod = await node.createPod(
    mounting([
      { name: 'disk', emptyDir: {} },
      { name: 'a', configMap: { name: 'settings' } },
    ] as never),
  )
  const prepared = await node.prepare(pod)
  const { path } = prepared.mountable.get('disk')!.source as { path: string }
  await chmod(path, 0o700)
  const data = await lstat(join(path, '../../', CONFIG_MAP, 'a', '..data'))
  const next = node.restarted()
  await next.prepare(pod)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  const after = await lstat(join(path, '../../', CONFIG_MAP, 'a', '..data'))
  expect(after.ino).toBe(data.ino)
  await next.client.update(ConfigMap, configMap('settings', { colour: 'blue' }))
  await until(() => next.read(pod, CONFIG_MAP, 'a', 'colour') === 'blue')
  expect(await next.volumes.orphans()).toEqual([pod.metadata.uid])
})

test.for([
  {
    volume: { iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:x', lun: 0 } },
    why: 'volumes of type iscsi are not supported by this kubelet',
  },
  {
    volume: { csi: { driver: 'disk.example' } },
    why:
      'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name disk.example ' +
      'not found in the list of registered CSI drivers',
  },
  {
    volume: { emptyDir: { medium: 'HugePages' } },
    why: 'emptyDir with medium "HugePages" is not supported by this kubelet',
  },
  {
    volume: { configMap: { name: 'settings', items: [{ key: 'none', path: 'x' }] } },
    why: 'configmap references non-existent config key: none',
  },
  {
    volume: { hostPath: { path: '/etc/passwd', type: 'Directory' } },
    why: 'hostPath type check failed: /etc/passwd is not a directory',
  },
])('a volume that cannot be: $why', async ({ volume, why }) => {
  await using node = await startVolumes()
  await createConfigMap(node, 'settings', {})
  const pod = await node.createPod(
    mounting([{ name: 'v', ...volume }] as never, requestsHugePages(volume)),
  )
  const message = `MountVolume.SetUp failed for volume "v" : ${why}`
  await expect(node.prepare(pod)).rejects.toMatchObject({ messages: [message] })
})

/** The API server wants such requests of pods that have such volumes. */
function requestsHugePages(volume: object): object {
  if (!JSON.stringify(volume).includes('HugePages')) return {}
  const amounts = { cpu: '1', memory: '1Mi', 'hugepages-2Mi': '2Mi' }
  const volumeMounts = [{ name: 'v', mountPath: '/v' }]
  const resources = { requests: amounts, limits: amounts }
  return { containers: [{ name: 'main', image: 'image', resources, volumeMounts }] }
}

const claim = { metadata: { name: 'data', namespace: 'default' } }
const claimSpec = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
  storageClassName: '',
}

test('a claim is what it is bound to, and nothing before', async () => {
  await using node = await startVolumes()
  const { client } = node
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
  const pod = await node.createPod(mounting(volumes as never))
  const failing = async (why: string) =>
    expect(node.prepare(pod)).rejects.toMatchObject({
      messages: [
        'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], ' +
          `failed to process volumes=[v]: error processing PVC default/data: ${why}`,
      ],
    })
  await failing('failed to fetch PVC from API server: persistentvolumeclaims "data" not found')
  const stored = await client.create(PersistentVolumeClaim, {
    ...claim,
    spec: { ...claimSpec, volumeName: 'pv' },
  } as never)
  await failing('PVC is not bound')
  await client.updateStatus(PersistentVolumeClaim, stored, { phase: 'Bound' })
  await failing('failed to fetch PV pv from API server: persistentvolumes "pv" not found')
  const path = join(node.root, 'disk')
  const { name, namespace, uid } = stored.metadata
  await client.create(PersistentVolume, {
    metadata: { name: 'pv' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path },
      claimRef: { name, namespace, uid },
      nodeAffinity: zoneAffinity('a'),
    },
  } as never)
  await expect(node.prepare(pod)).rejects.toThrow(`path "${path}" does not exist`)
  await mkdir(path)
  const prepared = await node.prepare(pod)
  expect(prepared.mountable.get('v')).toMatchObject({ source: { path }, isReadOnly: false })
  await node.volumes.release(pod.metadata.uid)
  expect(existsSync(path)).toBe(true)
})

const zoneAffinity = (zone: string) => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }],
  },
})

test('a volume of another node is not made here', async () => {
  await using node = await startVolumes()
  const { client } = node
  const stored = await client.create(PersistentVolumeClaim, {
    ...claim,
    spec: { ...claimSpec, volumeName: 'pv' },
  } as never)
  await client.updateStatus(PersistentVolumeClaim, stored, { phase: 'Bound' })
  const { name, namespace, uid } = stored.metadata
  const path = join(node.root, 'disk')
  await client.create(PersistentVolume, {
    metadata: { name: 'pv' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path, type: 'DirectoryOrCreate' },
      claimRef: { name, namespace, uid },
      nodeAffinity: zoneAffinity('b'),
    },
  } as never)
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
  const pod = await node.createPod(mounting(volumes as never))
  await expect(node.prepare(pod)).rejects.toThrow('no matching NodeSelectorTerms')
  expect(existsSync(path)).toBe(false)
})

test('parts of volumes, by expressions too', async () => {
  await using node = await startVolumes()
  const volumeMounts = [
    { name: 'disk', mountPath: '/a', subPath: 'one/two' },
    { name: 'disk', mountPath: '/b', subPathExpr: '$(NAME)/logs', readOnly: true },
  ]
  const pod = await node.createPod({
    nodeName: 'n1',
    containers: [{ name: 'main', image: 'image', volumeMounts }],
    volumes: [{ name: 'disk', emptyDir: {} }],
  })
  const prepared = await node.prepare(pod)
  const container = pod.spec.containers![0]!
  const { path } = prepared.mountable.get('disk')!.source as { path: string }
  const mounts = await node.volumes.mountsOf(prepared, container, [{ name: 'NAME', value: 'p' }])
  expect(mounts).toMatchObject([
    { source: { path: `${path}/one/two` }, containerPath: '/a', isReadOnly: false },
    { source: { path: `${path}/p/logs` }, containerPath: '/b', isReadOnly: true },
  ])
  expect(readdirSync(path).sort()).toEqual(['one', 'p'])
  const without = node.volumes.mountsOf(prepared, container, [])
  await expect(without).rejects.toThrow('missing value for NAME')
  const climbing = node.volumes.mountsOf(prepared, container, [{ name: 'NAME', value: '..' }])
  await expect(climbing).rejects.toThrow('unable to provision SubPath `../logs`')
})
