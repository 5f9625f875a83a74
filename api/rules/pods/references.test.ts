/** Every place in a pod that names a secret or a config map. */
import { expect, test } from 'vitest'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import { configMapNames, secretNames } from './references.ts'

const container = {
  name: 'c',
  env: [
    { name: 'A', valueFrom: { secretKeyRef: { name: 's-env', key: 'k' } } },
    { name: 'B', valueFrom: { configMapKeyRef: { name: 'm-env', key: 'k' } } },
    { name: 'C', value: 'plain' },
  ],
  envFrom: [{ secretRef: { name: 's-from' } }, { configMapRef: { name: 'm-from' } }],
}

test('names are found in containers of all sorts, volumes and pull secrets', () => {
  const spec = {
    imagePullSecrets: [{ name: 's-pull' }, {}],
    containers: [container],
    initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 's-init' } }] }],
    ephemeralContainers: [{ name: 'e', envFrom: [{ configMapRef: { name: 'm-ephemeral' } }] }],
    volumes: [
      { name: 'a', secret: { secretName: 's-volume' } },
      { name: 'b', configMap: { name: 'm-volume' } },
      { name: 'd', azureFile: { secretName: 's-azure', shareName: 'x' } },
      { name: 'e', csi: { driver: 'd', nodePublishSecretRef: { name: 's-csi' } } },
      {
        name: 'f',
        projected: { sources: [{ secret: { name: 's-part' } }, { configMap: { name: 'm-part' } }] },
      },
      ...['cephfs', 'cinder', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'].map((type) => ({
        name: type.toLowerCase(),
        [type]: { secretRef: { name: `s-${type}` } },
      })),
    ],
  } as unknown as PodSpec
  expect([...secretNames(spec)].sort()).toEqual([
    's-azure',
    's-cephfs',
    's-cinder',
    's-csi',
    's-env',
    's-flexVolume',
    's-from',
    's-init',
    's-iscsi',
    's-part',
    's-pull',
    's-rbd',
    's-scaleIO',
    's-storageos',
    's-volume',
  ])
  expect([...configMapNames(spec)].sort()).toEqual([
    'm-env',
    'm-ephemeral',
    'm-from',
    'm-part',
    'm-volume',
  ])
})

test('a pod that mentions nothing needs nothing', () => {
  const spec = { containers: [{ name: 'c' }] } as unknown as PodSpec
  expect(secretNames(spec).size + configMapNames(spec).size).toBe(0)
})
