/** Hosts files, and the names of pods, in upstream's form. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { nodeHostsFile, podHostsFile, podName, sandboxHostname } from './hosts-file.ts'

const pod = (spec: object, name = 'web'): Pod =>
  ({ metadata: { name, namespace: 'shop' }, spec }) as unknown as Pod

const aliases = [{ ip: '1.2.3.4', hostnames: ['a', 'b.c'] }]

test('a pod with a subdomain and aliases', () => {
  const name = { hostname: 'web', domain: 'sub.shop.svc.cluster.local' }
  expect(podHostsFile(['10.244.1.5', 'fd00::5'], name, aliases)).toBe(
    `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
10.244.1.5\tweb.sub.shop.svc.cluster.local\tweb
fd00::5\tweb.sub.shop.svc.cluster.local\tweb

# Entries added by HostAliases.
1.2.3.4\ta\tb.c
`,
  )
})

test('a pod without a domain has its short name alone', () => {
  const text = podHostsFile(['10.244.1.5'], { hostname: 'web', domain: '' }, [])
  expect(text.endsWith('ip6-allrouters\n10.244.1.5\tweb\n')).toBe(true)
})

test('a pod on the network of its node sees the hosts of the node', () => {
  expect(nodeHostsFile('127.0.0.1 me\n', aliases)).toBe(
    '# Kubernetes-managed hosts file (host network).\n127.0.0.1 me\n' +
      '\n# Entries added by HostAliases.\n1.2.3.4\ta\tb.c\n',
  )
})

test.for([
  { spec: {}, hostname: 'web', domain: '' },
  { spec: { hostname: 'h' }, hostname: 'h', domain: '' },
  { spec: { subdomain: 's' }, hostname: 'web', domain: 's.shop.svc.cluster.local' },
  { spec: { hostname: 'h', subdomain: 's' }, hostname: 'h', domain: 's.shop.svc.cluster.local' },
  { spec: { hostnameOverride: 'o.example', subdomain: 's' }, hostname: 'o.example', domain: '' },
])('podName() of $spec', ({ spec, ...expected }) => {
  expect(podName(pod(spec), 'cluster.local')).toEqual(expected)
})

test('names that are too long for the kernel are cut, never at a dot or dash', () => {
  const name = `${'x'.repeat(61)}-.-tail`
  expect(podName(pod({}, name), 'cluster.local').hostname).toBe('x'.repeat(61))
})

test('the whole name is the host name where that is wanted and fits', () => {
  const spec = { subdomain: 's', setHostnameAsFQDN: true }
  expect(sandboxHostname(pod(spec), 'cluster.local')).toBe('web.s.shop.svc.cluster.local')
  expect(sandboxHostname(pod({ setHostnameAsFQDN: true }), 'cluster.local')).toBe('web')
  expect(() => sandboxHostname(pod(spec, 'w'.repeat(60)), 'cluster.local')).toThrow(
    'is too long (64 characters is the max, 85 characters requested)',
  )
})
