/** Volumes, files and environments, as programs in containers of a real Engine see them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { NodeProcess } from './node-process.ts'

const PATIENCE_MS = 120_000
const GROUP = 4711

let node: NodeProcess
let pod: Pod

const namespaced = (name: string) => ({ metadata: { name, namespace: 'default' } })

beforeAll(async () => {
  node = await NodeProcess.start()
  const { client, image } = node
  await client.create(ServiceAccount, namespaced('default'))
  await client.create(ConfigMap, { ...namespaced('settings'), data: { colour: 'red', size: 'L' } })
  await client.create(Secret, {
    ...namespaced('keys'),
    stringData: { password: 'secret' },
  } as never)
  const env = [
    { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
    { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'SENTENCE', value: '$(POD) likes $(COLOUR)' },
  ]
  const volumeMounts = [
    { name: 'settings', mountPath: '/settings' },
    { name: 'settings', mountPath: '/fixed', subPath: 'colour' },
    { name: 'keys', mountPath: '/settings/keys' },
    { name: 'disk', mountPath: '/disk' },
    { name: 'disk', mountPath: '/part', subPathExpr: 'of/$(POD)' },
    { name: 'memory', mountPath: '/memory' },
    { name: 'api', mountPath: '/api' },
    { name: 'host', mountPath: '/host', readOnly: true },
  ]
  await node.create('full', {
    serviceAccountName: 'default',
    securityContext: { fsGroup: GROUP },
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['alias'] }],
    containers: [
      {
        ...{ name: 'main', image, imagePullPolicy: 'IfNotPresent', env, volumeMounts },
        command: ['sleep', '1000'],
      },
    ],
    volumes: [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
      { name: 'disk', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'api', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      { name: 'host', hostPath: { path: node.rootDirectory, type: 'Directory' } },
    ],
  } as never)
  pod = await node.untilReady('full')
}, PATIENCE_MS)

afterAll(() => node[Symbol.asyncDispose]())

test.for([
  ['its settings', 'cat /settings/colour /settings/size', 'redL'],
  ['one of them by itself', 'cat /fixed', 'red'],
  ['a volume inside a volume', 'cat /settings/keys/password', 'secret'],
  ['modes that its group can read', 'stat -L -c "%a %g" /settings/keys/password', `440 ${GROUP}`],
  ['a directory for its group', 'stat -c "%a %g" /disk', `2777 ${GROUP}`],
  ['no way to change its settings', 'echo x > /settings/colour; echo $?', '1'],
  ['no way to change what is read-only', 'touch /host/x; echo $?', '1'],
  ['a part of a volume', 'echo x > /part/file; cat /disk/of/full/file', 'x'],
  ['memory of its size', "df -k /memory | awk 'END { print $2 }'", '1024'],
  ['a token of three parts', 'tr -cd . < /api/token | wc -c', '2'],
  ['its environment', 'echo "$SENTENCE"', 'full likes red'],
  ['its address', 'grep -c "^$IP.full$" /etc/hosts', '1'],
  ['aliases', 'grep alias /etc/hosts', '1.2.3.4\talias'],
  ['the DNS of the cluster', 'grep nameserver /etc/resolv.conf', 'nameserver 10.96.0.10'],
] as const)('a container sees %s', ([, script, output]) => {
  expect(node.inside(pod, `{ ${script}; } 2>/dev/null`)).toBe(output)
})

test('changes reach running containers, but not what is mounted by itself', async () => {
  const data = { colour: 'blue' }
  await node.client.update(ConfigMap, { ...namespaced('settings'), data })
  await expect
    .poll(() => node.inside(pod, 'cat /settings/colour; ls /settings'), { timeout: 10_000 })
    .toBe('bluecolour\nkeys')
  expect(node.inside(pod, 'cat /fixed')).toBe('red')
})

test('a ConfigMap that comes later is all that a pod waits for', async () => {
  const volumeMounts = [{ name: 'late', mountPath: '/late' }]
  await node.create('waiting', {
    containers: [
      {
        ...{ name: 'main', image: node.image, imagePullPolicy: 'IfNotPresent', volumeMounts },
        command: ['sleep', '1000'],
      },
    ],
    volumes: [{ name: 'late', configMap: { name: 'late' } }],
  } as never)
  const event =
    'FailedMount: MountVolume.SetUp failed for volume "late" : configmap "late" not found'
  await expect.poll(() => node.eventsOf('waiting'), { timeout: 20_000 }).toContain(event)
  await node.client.create(ConfigMap, { ...namespaced('late'), data: { a: '1' } })
  const ready = await node.untilReady('waiting')
  expect(node.inside(ready, 'cat /late/a')).toBe('1')
})
