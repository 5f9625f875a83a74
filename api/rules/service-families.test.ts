/** IP families of services in clusters with one or two of them. */
import { describe, expect, test } from 'vitest'
import type { IpFamily } from '../ip.ts'
import { Path, Problems } from '../problems.ts'
import type { ServiceSpec } from './service-facts.ts'
import { settleFamilies } from './service-families.ts'

const at = Path.root.child('spec')
const base = { type: 'ClusterIP', sessionAffinity: 'None', selector: { a: 'b' } }

function settled(families: readonly IpFamily[], posted: object, previous?: object) {
  const problems = new Problems()
  const next: ServiceSpec = structuredClone({ ...base, ...posted })
  settleFamilies(next, previous && { ...base, ...previous }, families, at, problems)
  const { ipFamilyPolicy, ipFamilies, clusterIPs } = next
  return {
    ipFamilyPolicy,
    ipFamilies,
    ...(clusterIPs && { clusterIPs }),
    problems: problems.list.map(({ field, message }) => `${field}: ${message}`),
  }
}

const one = ['IPv4'] as const
const two = ['IPv4', 'IPv6'] as const
const first = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }
const both = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] }

describe('new services', () => {
  test.for([
    [one, {}, 'SingleStack', ['IPv4']],
    [two, {}, 'SingleStack', ['IPv4']],
    [one, { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4']],
    [two, { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4', 'IPv6']],
    [
      two,
      { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
      'RequireDualStack',
      ['IPv6', 'IPv4'],
    ],
    [one, { clusterIP: 'None', clusterIPs: ['None'] }, 'SingleStack', ['IPv4']],
    [
      one,
      { clusterIP: 'None', clusterIPs: ['None'], selector: {} },
      'RequireDualStack',
      ['IPv4', 'IPv6'],
    ],
    [two, { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }, 'SingleStack', ['IPv6']],
    [two, { type: 'ExternalName' }, undefined, undefined],
  ] as const)('in %j: %j', ([families, posted, ipFamilyPolicy, ipFamilies]) => {
    expect(settled(families, posted)).toMatchObject({ ipFamilyPolicy, ipFamilies, problems: [] })
  })

  test.for([
    [
      one,
      { ipFamilyPolicy: 'RequireDualStack' },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      one,
      { ipFamilies: ['IPv6'] },
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      one,
      { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
    [
      two,
      both,
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
    ],
  ] as const)('refused in %j: %j', ([families, posted, problem]) => {
    expect(settled(families, posted).problems).toEqual([problem])
  })
})

describe('updates', () => {
  const dual = { ...both, ipFamilies: [...two], ipFamilyPolicy: 'PreferDualStack' }
  test('the policy of before holds unless there is a new one', () => {
    expect(settled(two, { ...both, ipFamilies: [...two] }, dual)).toMatchObject({
      ipFamilyPolicy: 'PreferDualStack',
      problems: [],
    })
  })
  test('asking for one family lets the second address go', () => {
    expect(settled(two, { ...dual, ipFamilyPolicy: 'SingleStack' }, dual)).toEqual({
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
      clusterIPs: ['10.0.0.1'],
      problems: [],
    })
  })
  test('leaving out the second address is not enough', () => {
    expect(settled(two, { ...dual, ...first }, dual).problems).toEqual([
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be \'SingleStack\' to release the secondary cluster IP',
    ])
  })
  test('a cluster that gains a family leaves services as they are', () => {
    const single = { ...first, ipFamilies: ['IPv4'], ipFamilyPolicy: 'PreferDualStack' }
    expect(settled(two, single, single)).toMatchObject({ ipFamilies: ['IPv4'], problems: [] })
    const required = { ...single, ipFamilyPolicy: 'RequireDualStack' }
    expect(settled(two, required, single)).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'] })
  })
})
