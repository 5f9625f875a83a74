/** Where the token of a pod is mounted, and where not. */
import { expect, test } from 'vitest'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { mountToken } from './token-volume.ts'

const path = '/var/run/secrets/kubernetes.io/serviceaccount'
const suffix = (letters: number): string => 'x'.repeat(letters)
const mount = { name: 'kube-api-access-xxxxx', readOnly: true, mountPath: path }

function mounted(spec: object): PodSpec {
  const pod = spec as PodSpec
  mountToken(pod, suffix)
  return pod
}

test('all containers get it, behind what they mount already', () => {
  const own = { name: 'v', mountPath: '/v' }
  const { containers, initContainers, volumes } = mounted({
    containers: [{ name: 'c', volumeMounts: [own] }],
    initContainers: [{ name: 'i' }],
    volumes: [{ name: 'v', emptyDir: {} }],
  })
  expect(containers![0]!.volumeMounts).toEqual([own, mount])
  expect(initContainers![0]!.volumeMounts).toEqual([mount])
  expect(volumes!.map(({ name }) => name)).toEqual(['v', 'kube-api-access-xxxxx'])
  expect(volumes![1]!.projected!.sources).toHaveLength(3)
})

test('who mounts something else there keeps it', () => {
  const spec = mounted({
    containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: path }] }],
    volumes: [{ name: 'v', emptyDir: {} }],
  })
  expect(spec.volumes).toHaveLength(1)
  expect(spec.containers![0]!.volumeMounts).toHaveLength(1)
})

test('a volume of that name is used again', () => {
  const spec = mounted({
    containers: [{ name: 'c' }],
    volumes: [{ name: 'kube-api-access-abcde', projected: {} }],
  })
  expect(spec.volumes).toHaveLength(1)
  expect(spec.containers![0]!.volumeMounts![0]!.name).toBe('kube-api-access-abcde')
})
