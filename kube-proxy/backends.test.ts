/** Which endpoints are chosen: by readiness, node, zone and hints, as rows of tables. */
import { describe, expect, test } from 'vitest'
import { type Backend, backendsOf, chooseBackends } from './backends.ts'
import { slice } from './test-objects.ts'

const place = { nodeName: 'n1', zone: 'a' }
const port = { name: '', protocol: 'TCP' }
const addresses = (backends: readonly Backend[]) =>
  backends.map(({ address }) => address.replace('10.244.0.', ''))

describe('backendsOf()', () => {
  const ready = { conditions: { ready: true } }
  test.for([
    ['all that there are, in order', [slice([['2'], ['1']])], '1:8080 2:8080'],
    ['of several slices', [slice([['1']]), slice([['2']])], '1:8080 2:8080'],
    ['one that is in two slices', [slice([['1']]), slice([['1']])], '1:8080'],
    ['of this family alone', [slice([['1']], { addressType: 'IPv6' })], ''],
    ['of this port alone', [slice([['1']], { ports: [{ name: 'other', port: 1 }] })], ''],
    ['of this protocol alone', [slice([['1']], { ports: [{ protocol: 'UDP', port: 1 }] })], ''],
    [
      'with several numbers for a name',
      [slice([['1']], { ports: [{ port: 1 }, { port: 2 }] })],
      '1:1 1:2',
    ],
    ['without a number: none', [slice([['1']], { ports: [{}] })], ''],
    ['an empty slice', [slice([], {})], ''],
  ] as const)('%s', ([, slices, wanted]) => {
    const found = backendsOf(slices, port, 'IPv4', place)
    expect(
      found.map((each) => `${each.address.replace('10.244.0.', '')}:${each.port}`).join(' '),
    ).toBe(wanted)
  })

  test('of two entries for an address the ready one counts', () => {
    const old = slice([['1', { conditions: { ready: false, serving: true, terminating: true } }]])
    for (const slices of [
      [old, slice([['1', ready]])],
      [slice([['1', ready]]), old],
    ]) {
      expect(backendsOf(slices, port, 'IPv4', place)).toMatchObject([{ isReady: true }])
    }
  })

  test('unset conditions mean ready, serving and not terminating', () => {
    const [backend] = backendsOf([slice([['1', { conditions: {} }]])], port, 'IPv4', place)
    expect(backend).toMatchObject({ isReady: true, isServing: true, isTerminating: false })
  })
})

describe('chooseBackends()', () => {
  const away = { nodeName: 'n2' }
  const down = { conditions: { ready: false } }
  const ending = { conditions: { ready: false, serving: true, terminating: true } }
  const zone = (...names: string[]) => ({ hints: { forZones: names.map((name) => ({ name })) } })
  const node = (...names: string[]) => ({ hints: { forNodes: names.map((name) => ({ name })) } })
  test.for([
    ['ready ones', [['1'], ['2', away]], '1 2', '1'],
    [
      'not those that are not ready',
      [
        ['1', down],
        ['2', away],
      ],
      '2',
      '',
    ],
    [
      'terminating ones only if there are no others',
      [
        ['1', ending],
        ['2', away],
      ],
      '2',
      '1',
    ],
    ['terminating ones of other nodes too', [['1', { ...ending, ...away }]], '1', ''],
    ['none that neither serve nor are ready', [['1', down]], '', ''],
    [
      'those that are meant for this zone',
      [
        ['1', zone('a')],
        ['2', zone('b')],
      ],
      '1',
      '1 2',
    ],
    [
      'meant for several zones',
      [
        ['1', zone('b', 'a')],
        ['2', zone('b')],
      ],
      '1',
      '1 2',
    ],
    ['all, when one has no hint', [['1', zone('a')], ['2']], '1 2', '1 2'],
    [
      'all, when no hint means this zone',
      [
        ['1', zone('b')],
        ['2', zone('b')],
      ],
      '1 2',
      '1 2',
    ],
    [
      'all that are ready, although one without hints is not',
      [
        ['1', zone('a')],
        ['2', zone('b')],
        ['3', down],
      ],
      '1',
      '1 2',
    ],
    [
      'those that are meant for this node',
      [
        ['1', node('n1')],
        ['2', node('n2')],
      ],
      '1',
      '1 2',
    ],
    [
      'hints for nodes before hints for zones',
      [
        ['1', { hints: { ...zone('b').hints, ...node('n1').hints } }],
        ['2', { hints: { ...zone('a').hints, ...node('n2').hints } }],
      ],
      '1',
      '1 2',
    ],
    [
      'this zone, when no hint means this node',
      [
        ['1', { hints: { ...zone('a').hints, ...node('n3').hints } }],
        ['2', { hints: { ...zone('b').hints, ...node('n2').hints } }],
      ],
      '1',
      '1 2',
    ],
  ] as const)('%s', ([, endpoints, cluster, local]) => {
    const choice = chooseBackends(backendsOf([slice(endpoints)], port, 'IPv4', place), place)
    expect(addresses(choice.cluster).join(' ')).toBe(cluster)
    expect(addresses(choice.local).join(' ')).toBe(local)
  })

  test('a node without a zone goes everywhere', () => {
    const backends = backendsOf([slice([['1', zone('a')]])], port, 'IPv4', place)
    expect(chooseBackends(backends, { nodeName: 'n1', zone: '' }).cluster).toHaveLength(1)
  })
})
