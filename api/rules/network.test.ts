/** Network policies, ingresses, slices and addresses: what is refused, in which words and order. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { EndpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import { Ingress } from '../kinds/networking/ingress.ts'
import { IngressClass } from '../kinds/networking/ingress-class.ts'
import { IPAddress } from '../kinds/networking/ip-address.ts'
import { NetworkPolicy } from '../kinds/networking/network-policy.ts'
import { ServiceCIDR } from '../kinds/networking/service-cidr.ts'
import { shortList } from './short-list.ts'

const notACidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const loopback = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

describe('NetworkPolicy', () => {
  test.for([
    [{}, []],
    [
      { policyTypes: ['X', 'Ingress', 'Egress'] },
      [
        'spec.policyTypes: Invalid value: ["X","Ingress","Egress"]: may not specify more than two policyTypes',
      ],
    ],
    [
      { policyTypes: ['X'] },
      ['spec.policyTypes[0]: Unsupported value: "X": supported values: "Egress", "Ingress"'],
    ],
    [
      { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }, {}] }] },
      [
        'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
        'spec.ingress[0].from[1]: Required value: must specify a peer',
      ],
    ],
    [
      {
        egress: [
          {
            to: [
              { ipBlock: { cidr: 'x' } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '11.0.0.0/8', 'y'] } },
            ],
          },
        ],
      },
      [
        `spec.egress[0].to[0].ipBlock.cidr: Invalid value: "x": ${notACidr}`,
        'spec.egress[0].to[1].ipBlock.except[1]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`',
        `spec.egress[0].to[1].ipBlock.except[2]: Invalid value: "y": ${notACidr}`,
      ],
    ],
    [
      {
        ingress: [
          {
            ports: [
              { port: 0 },
              { protocol: 'X', port: 1 },
              { endPort: 5 },
              { port: 10, endPort: 5 },
              { port: 'a', endPort: 5 },
              { port: 10, endPort: 20 },
            ],
          },
        ],
      },
      [
        'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ingress[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
        'spec.ingress[0].ports[2].endPort: Invalid value: 5: may not be specified when `port` is not specified',
        'spec.ingress[0].ports[3].endPort: Invalid value: 5: must be greater than or equal to `port`',
        'spec.ingress[0].ports[4].endPort: Invalid value: 5: may not be specified when `port` is non-numeric',
      ],
    ],
  ] as const)('%j', ([spec, problems]) => {
    expect(judged(NetworkPolicy, { spec: { podSelector: {}, ...spec } })).toEqual(problems)
  })

  test.for([
    [{}, ['Ingress']],
    [{ egress: [{}] }, ['Ingress', 'Egress']],
    [{ egress: [{}], policyTypes: ['Egress'] }, ['Egress']],
  ] as const)('%j is about %j', ([spec, types]) => {
    expect(posted(NetworkPolicy, { spec }).spec.policyTypes).toEqual(types)
  })
})

describe('Ingress', () => {
  const backend = { service: { name: 's', port: { number: 80 } } }
  const path = { path: '/', pathType: 'Prefix', backend }
  const rule = (change: object) => ({ rules: [{ http: { paths: [{ ...path, ...change }] } }] })
  const at = 'spec.rules[0].http.paths[0]'
  test.for([
    [{ defaultBackend: backend }, []],
    [{}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [rule({ pathType: undefined }), [`${at}.pathType: Required value: pathType must be specified`]],
    [
      rule({ path: 'a//b/..' }),
      [
        `${at}.path: Invalid value: "a//b/..": must be an absolute path`,
        `${at}.path: Invalid value: "a//b/..": must not contain '//'`,
        `${at}.path: Invalid value: "a//b/..": cannot end with '/..'`,
      ],
    ],
    [rule({ path: '', pathType: 'ImplementationSpecific' }), []],
    [
      rule({ pathType: 'X' }),
      [
        `${at}.pathType: Unsupported value: "X": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      ],
    ],
    [
      rule({ backend: {} }),
      [`${at}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      rule({ backend: { ...backend, resource: { kind: 'K', name: 'n' } } }),
      [`${at}.backend: Invalid value: "": cannot set both resource and service backends`],
    ],
    [
      rule({ backend: { service: { name: '', port: { name: 'a', number: 1 } } } }),
      [
        `${at}.backend.service.name: Required value`,
        `${at}.backend: Invalid value: "": cannot set both port name & port number`,
      ],
    ],
    [
      rule({ backend: { service: { name: 's', port: {} } } }),
      [`${at}.backend: Required value: port name or number is required`],
    ],
    [
      rule({ backend: { resource: { kind: 'a/b' } } }),
      [
        `${at}.backend.resource.kind: Invalid value: "a/b": may not contain '/'`,
        `${at}.backend.resource.name: Required value`,
      ],
    ],
    [
      { rules: [{ host: '10.0.0.1', http: { paths: [] } }, { host: '*.a' }] },
      [
        'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
        'spec.rules[0].http.paths: Required value',
      ],
    ],
  ] as const)('%j', ([spec, problems]) => {
    expect(judged(Ingress, { spec })).toEqual(problems)
  })

  test('the older annotation may not contradict the class', () => {
    const metadata = { annotations: { 'kubernetes.io/ingress.class': 'x' } }
    const spec = { defaultBackend: backend }
    expect(judged(Ingress, { metadata, spec: { ...spec, ingressClassName: 'x' } })).toEqual([])
    expect(judged(Ingress, { metadata, spec: { ...spec, ingressClassName: 'y' } })).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "x": must match `ingressClassName` when both are specified',
    ])
    expect(Ingress.warnings?.(posted(Ingress, { metadata, spec }), undefined)).toHaveLength(1)
  })
})

describe('IngressClass', () => {
  const parameters = { kind: 'K', name: 'n' }
  test.for([
    [{ controller: 'a.b/c', parameters }, []],
    [{}, ['spec.controller: Required value']],
    [
      { controller: 'bad', parameters: { scope: 'X' } },
      [
        'spec.controller: Invalid value: "bad": must be a domain-prefixed path (such as "acme.io/foo")',
        'spec.parameters.kind: Required value',
        'spec.parameters.name: Required value',
        'spec.parameters.scope: Unsupported value: "X": supported values: "Cluster", "Namespace"',
      ],
    ],
    [
      { controller: 'a.b/c', parameters: { ...parameters, namespace: 'x' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      { controller: 'a.b/c', parameters: { ...parameters, scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
  ] as const)('%j', ([spec, problems]) => {
    expect(judged(IngressClass, { spec })).toEqual(problems)
  })

  test('the controller stays', () => {
    const [before, after] = ['a.b/c', 'a.b/d'].map((controller) => ({ spec: { controller } }))
    expect(judgedChange(IngressClass, before!, after!)).toEqual([
      'spec.controller: Invalid value: "a.b/d": field is immutable',
    ])
  })
})

describe('addresses of Services', () => {
  const parentRef = { resource: 'services', namespace: 'n', name: 's' }
  test.for([
    ['10.0.0.1', { parentRef }, []],
    [
      '010.0.0.1',
      {},
      [
        'metadata.name: Invalid value: "010.0.0.1": must not have leading 0s',
        'spec.parentRef: Required value',
      ],
    ],
    [
      '2001:db8::1',
      { parentRef: { group: 'a_b', namespace: 'a/b' } },
      [
        expect.stringContaining('spec.parentRef.group: Invalid value: "a_b"'),
        'spec.parentRef.resource: Required value',
        'spec.parentRef.name: Required value',
        'spec.parentRef.namespace: Invalid value: "a/b": may not contain \'/\'',
      ],
    ],
  ] as const)('IPAddress %s %j', ([name, spec, problems]) => {
    expect(judged(IPAddress, { metadata: { name }, spec })).toEqual(problems)
  })

  test.for([
    [['10.0.0.0/16'], []],
    [['10.0.0.0/16', '2001:db8::/64'], []],
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/16', '10.1.0.1/16'],
      [
        'spec.cidrs[1]: Invalid value: "10.1.0.1/16": must not have bits set beyond the prefix length',
        'spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.1/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
  ] as const)('ServiceCIDR %j', ([cidrs, problems]) => {
    expect(judged(ServiceCIDR, { spec: { cidrs } })).toEqual(problems)
  })

  const one = ['10.0.0.0/16']
  const both = ['10.0.0.0/16', '2001:db8::/64']
  test.for([
    [one, both, []],
    [both, one, ['spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable']],
    [one, ['10.1.0.0/16'], ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable']],
  ] as const)('ServiceCIDR from %j to %j', ([before, after, problems]) => {
    const spec = (cidrs: readonly string[]) => ({ spec: { cidrs } })
    expect(judgedChange(ServiceCIDR, spec(before), spec(after))).toEqual(problems)
  })
})

describe('EndpointSlice', () => {
  const slice = { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }] }
  test.for([
    [{}, []],
    [
      { addressType: 'X', endpoints: [{ addresses: [] }] },
      [
        'addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"',
        'endpoints[0].addresses: Required value: must contain at least 1 address',
      ],
    ],
    [
      { endpoints: [{ addresses: ['::1', '127.0.0.1'] }] },
      [
        'endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address',
        `endpoints[0].addresses[0]: Invalid value: "::1": ${loopback}`,
        `endpoints[0].addresses[1]: Invalid value: "127.0.0.1": ${loopback}`,
      ],
    ],
    [
      {
        endpoints: [
          { addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }] } },
        ],
      },
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
    ],
    [{ ports: [{}, { name: 'b', port: 80 }] }, []],
    [
      { ports: [{}, { protocol: 'X' }] },
      [
        'ports[1].name: Duplicate value: ""',
        'ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
    [
      { endpoints: Array.from({ length: 1001 }, () => slice.endpoints[0]) },
      ['endpoints: Too many: 1001: must have at most 1000 items'],
    ],
  ] as const)('%#', ([change, problems]) => {
    expect(judged(EndpointSlice, { ...slice, ...change })).toEqual(problems)
  })

  test('the type of its addresses stays', () => {
    const after = { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] }
    expect(judgedChange(EndpointSlice, slice, after)).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ])
  })
})

test.for([
  [[], ''],
  [[1, 2, 3], '1,2,3'],
  [['a', 'b', 'c', 'd', 'e'], 'a,b,c + 2 more...'],
] as const)('a cell that lists %j', ([items, text]) => {
  expect(shortList(items)).toBe(text)
})
