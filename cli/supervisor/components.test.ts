/** Which processes a machine runs, and what those of nodes say about where others reach them. */
import { expect, test } from 'vitest'
import {
  type ClusterDescription,
  describeCluster,
  describeJoined,
  usualNames,
  withApiAddresses,
} from '../cluster.ts'
import { clusterFiles } from '../cluster-files.ts'
import { componentsOf } from './components.ts'

const files = clusterFiles('/data')
const wishes = { name: 'demo', apiPort: 6443, hollowNodes: 0, subnetNumber: 7 }
const alone = describeCluster({ ...wishes, nodeNames: usualNames(2) }, 'an-id')
const open = withApiAddresses(alone, ['192.0.2.1'])
const far = describeJoined(
  {
    name: 'demo',
    nodeName: 'far',
    joined: { server: 'https://192.0.2.1:6443', address: '192.0.2.2' },
    subnetNumber: 0,
  },
  'other-id',
)

const flagsOf = (cluster: ClusterDescription, name: string): readonly string[] =>
  componentsOf(cluster, files).find((each) => each.name === name)?.arguments ?? []

test('a cluster of one machine is reached from nowhere else', () => {
  expect(flagsOf(alone, 'apiserver')).toContain('--bind-address=127.0.0.1,172.31.7.1')
  expect(flagsOf(alone, 'apiserver')).toContain('--advertise-address=172.31.7.1')
  expect(flagsOf(alone, 'node2/kubelet')).toContain('--node-ip=172.31.7.12')
  expect(flagsOf(alone, 'node2/kubelet').join(' ')).not.toMatch(/external-ip|node-labels/)
})

test('a cluster of several machines tells the address that all of them reach', () => {
  expect(flagsOf(open, 'apiserver')).toContain('--bind-address=127.0.0.1,172.31.7.1,192.0.2.1')
  expect(flagsOf(open, 'apiserver')).toContain('--advertise-address=192.0.2.1')
  expect(flagsOf(open, 'cluster-dns')).toContain('--listen-address=192.0.2.1')
  expect(flagsOf(open, 'node2/kubelet')).toEqual(
    expect.arrayContaining([
      '--node-ip=172.31.7.12',
      '--node-external-ip=192.0.2.1',
      '--node-labels=nanokube.io/tunnel-port=8473',
    ]),
  )
})

test('a machine that has joined runs its node alone, with the credentials of its kubelet', () => {
  const names = componentsOf(far, files).map(({ name }) => name)
  expect(names).toEqual(['far/kubelet', 'far/kube-proxy'])
  expect(flagsOf(far, 'far/kubelet')).toEqual(
    expect.arrayContaining([
      '--node-ip=192.0.2.2',
      '--node-external-ip=192.0.2.2',
      '--node-labels=node.kubernetes.io/exclude-from-external-load-balancers=true',
    ]),
  )
  expect(flagsOf(far, 'far/kube-proxy')).toContain(
    '--kubeconfig=/data/nodes/far/kubelet.kubeconfig',
  )
})
