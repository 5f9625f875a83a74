/** Services: defaults, rules, updates and warnings. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange, problemsOfNew } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { Service } from '../kinds/core/service.ts'

const meta = { name: 's', namespace: 'n', uid: 'u', resourceVersion: '1' }
const ports = [{ port: 80 }]
const ip = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }

/** As a server would store it, but for what is allocated. */
function stored(spec: object, more: object = {}): Service {
  const object = decode(Service.schema, { metadata: meta, spec, ...more })
  Service.prepareCreate?.(object)
  return applyDefaults(Service.schema, object)
}

const lines = (problems: readonly { field: string; message: string }[]): string[] =>
  problems.map(({ field, message }) => `${field}: ${message}`)
const problemsOf = (spec: object): string[] => lines(problemsOfNew(Service, stored(spec)))

/** As an update goes: carried over, defaulted, judged. */
function changed(before: object, after: object): { spec: Service['spec']; problems: string[] } {
  const previous = stored(before)
  const next = decode(Service.schema, { metadata: meta, spec: after })
  Service.prepareUpdate?.(next, previous)
  applyDefaults(Service.schema, next)
  return { spec: next.spec, problems: lines(problemsOfChange(Service, next, previous)) }
}

describe('defaults', () => {
  const usual = { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' }
  test.for([
    [{ ports }, { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], ...usual }],
    [
      { type: 'ExternalName', externalName: 'a.b' },
      { type: 'ExternalName', externalName: 'a.b', sessionAffinity: 'None' },
    ],
    [{ type: 'NodePort' }, { ...usual, type: 'NodePort', externalTrafficPolicy: 'Cluster' }],
    [
      { externalIPs: ['1.2.3.4'] },
      { ...usual, externalIPs: ['1.2.3.4'], externalTrafficPolicy: 'Cluster' },
    ],
    [
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      {
        ...usual,
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        allocateLoadBalancerNodePorts: true,
      },
    ],
    [
      { sessionAffinity: 'ClientIP' },
      {
        ...usual,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      },
    ],
    [{ clusterIP: 'None' }, { ...usual, clusterIP: 'None', clusterIPs: ['None'] }],
  ])('%j', ([posted, expected]) => {
    expect(stored(posted as object).spec).toEqual(expected)
  })

  test('addresses of a balancer are virtual unless it says otherwise', () => {
    const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'a.b' }] } }
    expect(stored({ type: 'LoadBalancer' }, { status }).status.loadBalancer.ingress).toEqual([
      { ip: '1.2.3.4', ipMode: 'VIP' },
      { hostname: 'a.b' },
    ])
  })
})

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('rules', () => {
  test.for([
    [{ ports }, []],
    [{}, ['spec.ports: Required value']],
    [{ clusterIP: 'None' }, []],
    [
      { ports: [{ port: 80 }, { port: 0, name: 'A' }] },
      [
        'spec.ports[0].name: Required value',
        `spec.ports[1].name: Invalid value: "A": ${label}`,
        'spec.ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[1].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'a', targetPort: 'X-' },
        ],
      },
      [
        'spec.ports[1].name: Duplicate value: "a"',
        'spec.ports[1].targetPort: Invalid value: "X-": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'spec.ports[1].targetPort: Invalid value: "X-": must contain at least one letter (a-z)',
        'spec.ports[1].targetPort: Invalid value: "X-": must not begin or end with a hyphen',
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      { ports: [{ port: 80, nodePort: 30000, protocol: 'X' }] },
      [
        'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      ],
    ],
    [
      { type: 'NodePort', ports, clusterIP: 'None' },
      [
        'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
      ],
    ],
    [
      { type: 'ExternalName', clusterIP: '10.0.0.1', ipFamilyPolicy: 'SingleStack' },
      [
        'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
        'spec.externalName: Required value',
      ],
    ],
    [
      { type: 'X', ports, sessionAffinity: 'Y' },
      [
        'spec.sessionAffinity: Unsupported value: "Y": supported values: "ClientIP", "None"',
        'spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      {
        ports,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
      },
      [
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
      ],
    ],
    [
      { ports, clusterIPs: ['10.0.0.1'] },
      [
        'spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified',
      ],
    ],
    [
      { ports, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] },
      [
        'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      { ports, clusterIP: '10.0.0.1', ipFamilies: ['IPv6', 'IPv6'], ipFamilyPolicy: 'X' },
      [
        'spec.ipFamilies[1]: Duplicate value: "IPv6"',
        'spec.ipFamilyPolicy: Unsupported value: "X": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
        'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
    [
      { ports, clusterIP: '010.0.0.1' },
      ['spec.clusterIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s'],
    ],
    [
      { ports, externalIPs: ['x', '127.0.0.1'] },
      [
        'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      { ports, loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'x'], loadBalancerClass: 'a.b/c' },
      [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    ],
    [
      { ports, externalTrafficPolicy: 'Local', healthCheckNodePort: 1, trafficDistribution: 'X' },
      [
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        "spec.healthCheckNodePort: Invalid value: 1: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        'spec.trafficDistribution: Unsupported value: "X": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
      ],
    ],
    [
      { ports, type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      ['spec.healthCheckNodePort: Required value'],
    ],
  ] as const)('%j', ([spec, expected]) => {
    expect(problemsOf(spec)).toEqual(expected)
  })
})

describe('updates', () => {
  const nodePort = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }], ...ip }

  test('the same text again keeps what was allocated', () => {
    const { spec, problems } = changed(nodePort, { type: 'NodePort', ports })
    expect(problems).toEqual([])
    expect(spec).toMatchObject({ ...ip, ports: [{ port: 80, nodePort: 30_001 }] })
  })

  test('a port that is new does not get the number of one that stays', () => {
    const after = {
      type: 'NodePort',
      ports: [{ port: 81 }, { port: 80, name: 'a', nodePort: 30_001 }],
    }
    expect(changed(nodePort, after).spec.ports?.[0]?.nodePort).toBeUndefined()
  })

  test('a type without ports at nodes drops them', () => {
    const { spec, problems } = changed(nodePort, { ...nodePort, type: 'ClusterIP' })
    expect(problems).toEqual([])
    expect(spec.ports?.[0]?.nodePort).toBeUndefined()
    expect(spec.externalTrafficPolicy).toBeUndefined()
  })

  test('an alias drops the addresses', () => {
    const after = { ...ip, ports, type: 'ExternalName', externalName: 'a.b' }
    const { spec, problems } = changed({ ports, ...ip }, after)
    expect(problems).toEqual([])
    expect(spec.clusterIPs).toBeUndefined()
  })

  test('an old client may clear or change the one address it knows', () => {
    const { problems } = changed({ ports, ...ip }, { ports, ...ip, clusterIP: '10.0.0.2' })
    expect(problems).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ])
  })

  test.for([
    [
      'the second address goes only when that is said',
      {
        ports,
        clusterIP: '10.0.0.1',
        clusterIPs: ['10.0.0.1', 'fd00::1'],
        ipFamilyPolicy: 'PreferDualStack',
      },
      { ports, ...ip, ipFamilyPolicy: 'PreferDualStack' },
      [
        'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      ],
    ],
    [
      'the first family stays',
      { ports, ...ip, ipFamilies: ['IPv4'] },
      { ports, ...ip, ipFamilies: ['IPv6', 'IPv4'] },
      [
        'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
        'spec.ipFamilies[0]: Invalid value: ["10.0.0.1"]: may not change once set',
      ],
    ],
    [
      'the class of a balancer stays',
      { ports, ...ip, type: 'LoadBalancer', loadBalancerClass: 'a.b/c' },
      { ports, ...ip, type: 'LoadBalancer', loadBalancerClass: 'a.b/d' },
      ['spec.loadBalancerClass: Invalid value: "a.b/d": may not change once set'],
    ],
  ] as const)('%s', ([, before, after, expected]) => {
    expect(changed(before, after).problems).toEqual(expected)
  })

  test('who writes a status answers for it', () => {
    const previous = stored({ ports, ...ip })
    const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } }
    expect(
      lines(problemsOfChange(Service, stored({ ports, ...ip }, { status }), previous)),
    ).toEqual([
      "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
    ])
    const balanced = { ports, ...ip, type: 'LoadBalancer' }
    const bad = { loadBalancer: { ingress: [{ hostname: '1.2.3.4', ipMode: 'VIP' }] } }
    const next = stored(balanced, { status: bad })
    expect(lines(problemsOfChange(Service, next, stored(balanced)))).toEqual([
      'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set',
      'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ])
  })
})

test('warnings', () => {
  const warned = stored({
    ports,
    clusterIP: 'None',
    sessionAffinity: 'ClientIP',
    externalIPs: ['fd00:0::1'],
    externalName: 'a.b',
    trafficDistribution: 'PreferClose',
  })
  expect(Service.warnings?.(warned, undefined)).toEqual([
    'spec.externalIPs is ignored for headless services',
    'spec.SessionAffinity is ignored for headless services',
    'spec.externalIPs[0]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ])
})
