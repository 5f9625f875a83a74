/** resolv.conf of pods: by policy, by wish, and within the limits of resolvers. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { parseResolverConfig, resolverOf, resolverText } from './resolver.ts'

const ofNode = { servers: ['9.9.9.9'], searches: ['lan'], options: ['timeout:1'] }
const cluster = { servers: ['10.96.0.10'], domain: 'cluster.local' }
const clusterSearches = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan']

const pod = (spec: object): Pod =>
  ({ metadata: { name: 'web', namespace: 'shop', uid: 'u' }, spec }) as unknown as Pod

const ofCluster = { servers: ['10.96.0.10'], searches: clusterSearches, options: ['ndots:5'] }

test.for([
  { spec: {}, config: ofCluster },
  { spec: { dnsPolicy: 'ClusterFirst' }, config: ofCluster },
  { spec: { dnsPolicy: 'ClusterFirst', hostNetwork: true }, config: ofNode },
  { spec: { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, config: ofCluster },
  { spec: { dnsPolicy: 'Default' }, config: ofNode },
  {
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['x'] } },
    config: { servers: ['1.1.1.1'], searches: ['x'], options: [] },
  },
  {
    spec: {
      dnsConfig: {
        nameservers: ['1.1.1.1', '10.96.0.10'],
        searches: ['lan', 'x'],
        options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
      },
    },
    config: {
      servers: ['10.96.0.10', '1.1.1.1'],
      searches: [...clusterSearches, 'x'],
      options: ['ndots:2', 'edns0'],
    },
  },
])('resolverOf() $spec', ({ spec, config }) => {
  expect(resolverOf(pod(spec), ofNode, cluster)).toEqual({ config, warnings: [] })
})

test('a node that knows no DNS of the cluster says so, and takes its own', () => {
  const { config, warnings } = resolverOf(pod({}), ofNode, { servers: [], domain: 'cluster.local' })
  expect(config).toEqual(ofNode)
  expect(warnings).toEqual([
    {
      reason: 'MissingClusterDNS',
      message:
        'pod: "web_shop(u)". kubelet does not have ClusterDNS IP configured and cannot create ' +
        'Pod using "ClusterFirst" policy. Falling back to "Default" policy.',
    },
  ])
})

test('more than resolvers take is left out, which an event tells', () => {
  const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3']
  const searches = Array.from({ length: 40 }, (_, at) => `d${at}`)
  const spec = { dnsConfig: { nameservers, searches } }
  const { config, warnings } = resolverOf(pod(spec), ofNode, cluster)
  expect(config.servers).toEqual(['10.96.0.10', '1.1.1.1', '2.2.2.2'])
  expect(config.searches).toHaveLength(32)
  expect(warnings.map(({ message }) => message)).toEqual([
    'Nameserver limits were exceeded, some nameservers have been omitted, ' +
      'the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2',
    'Search Line limits were exceeded, some search paths have been omitted, ' +
      `the applied search line is: ${config.searches.join(' ')}`,
  ])
  const long = ['a', 'b'].map((letter) => letter.repeat(1100))
  const cut = resolverOf(pod({ dnsConfig: { searches: long } }), ofNode, cluster)
  expect(cut.config.searches).toEqual([...clusterSearches, long[0]])
})

test('a resolv.conf is read as resolvers read it', () => {
  const text = `# comment
nameserver 9.9.9.9
nameserver  fe80::1%eth0 ; why
search a. b
search c d.
options ndots:2 ndots:2
options rotate
domain ignored`
  expect(parseResolverConfig(text)).toEqual({
    servers: ['9.9.9.9', 'fe80::1%eth0'],
    searches: ['c', 'd'],
    options: ['ndots:2', 'rotate'],
  })
})

test('what is written can be read again', () => {
  expect(resolverText(ofCluster)).toBe(
    `search ${clusterSearches.join(' ')}\nnameserver 10.96.0.10\noptions ndots:5\n`,
  )
  expect(parseResolverConfig(resolverText(ofCluster))).toEqual(ofCluster)
  expect(resolverText({ servers: [], searches: [], options: [] })).toBe('')
})
