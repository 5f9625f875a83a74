/** Budgets, priorities, leases, runtime classes and events: what is refused, and in which words. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange } from '../judged.ts'
import { Lease } from '../kinds/coordination/lease.ts'
import { Event } from '../kinds/events/event.ts'
import { RuntimeClass } from '../kinds/node/runtime-class.ts'
import { PodDisruptionBudget } from '../kinds/policy/pod-disruption-budget.ts'
import { PriorityClass } from '../kinds/scheduling/priority-class.ts'

describe('PodDisruptionBudget', () => {
  test.for([
    [{ minAvailable: '50%', selector: { matchLabels: { a: 'b' } } }, []],
    [{}, []],
    [
      { minAvailable: 1, maxUnavailable: '10%' },
      [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"10%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      { minAvailable: '101%' },
      ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      { maxUnavailable: -1, unhealthyPodEvictionPolicy: 'X' },
      [
        'spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0',
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "X": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
    [
      { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ] as const)('%j', ([spec, problems]) => {
    expect(judged(PodDisruptionBudget, { spec })).toEqual(problems)
  })

  test('a status counts from zero', () => {
    const after = { spec: {}, status: { disruptionsAllowed: -1 } }
    expect(judgedChange(PodDisruptionBudget, { spec: {} }, after)).toEqual([
      'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    ])
  })
})

describe('PriorityClass', () => {
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only"
  test.for([
    ['a', 1_000_000_000, []],
    [
      'a',
      1_000_000_001,
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    ['system-node-critical', 2_000_001_000, []],
    [
      'system-node-critical',
      5,
      [`${reserved}. error: value of system-node-critical PriorityClass must be 2000001000`],
    ],
    ['system-x', 5, [`${reserved}. error: system-x is not a known system priority class`]],
  ] as const)('%s of %d', ([name, value, problems]) => {
    expect(judged(PriorityClass, { metadata: { name }, value })).toEqual(problems)
  })

  test('its value and its policy stay', () => {
    const after = { value: 2, preemptionPolicy: 'Never' }
    expect(judgedChange(PriorityClass, { value: 1 }, after)).toEqual([
      'Value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ])
  })
})

test.for([
  [{ leaseDurationSeconds: 1, leaseTransitions: 0 }, []],
  [
    { leaseDurationSeconds: 0, leaseTransitions: -1, preferredHolder: 'b' },
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
      'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined',
    ],
  ],
  [{ strategy: 'OldestEmulationVersion', preferredHolder: 'b' }, []],
  [{ strategy: 'example.com/mine' }, []],
  [
    { strategy: 'mine' },
    [
      'spec.strategy.strategy: Unsupported value: "mine": supported values: "OldestEmulationVersion"',
    ],
  ],
] as const)('Lease %j', ([spec, problems]) => {
  expect(judged(Lease, { spec })).toEqual(problems)
})

describe('RuntimeClass', () => {
  const once = { key: 'a', operator: 'Exists' }
  test.for([
    [{ handler: 'h', overhead: { podFixed: { cpu: '1' } } }, []],
    [{}, ['handler: Required value']],
    [
      {
        handler: 'h',
        overhead: { podFixed: { cpu: '-1' } },
        scheduling: { tolerations: [once, once] },
      },
      [
        'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}',
      ],
    ],
  ] as const)('%j', ([object, problems]) => {
    expect(judged(RuntimeClass, object)).toEqual(problems)
  })

  test('its handler stays', () => {
    expect(judgedChange(RuntimeClass, { handler: 'a' }, { handler: 'b' })).toEqual([
      'handler: Invalid value: "b": field is immutable',
    ])
  })
})

describe('Event of the events API', () => {
  const good = {
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', namespace: 'n', name: 'p' },
    type: 'Normal',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
    action: 'A',
    reason: 'R',
  }
  test.for([
    [{}, []],
    [
      { type: 'X', deprecatedCount: 2, series: { count: 1 } },
      [
        'series.count: Invalid value: "": should be at least 2',
        'series.lastObservedTime: Required value',
        'type: Invalid value: "": has invalid value: X',
        'count: Invalid value: "": needs to be unset',
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(judged(Event, { ...good, ...change })).toEqual(problems)
  })

  test('only its series changes', () => {
    const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' }
    expect(judgedChange(Event, good, { ...good, series })).toEqual([])
    expect(judgedChange(Event, good, { ...good, note: 'x' })).toEqual([
      'message: Invalid value: "x": field is immutable',
    ])
  })
})
