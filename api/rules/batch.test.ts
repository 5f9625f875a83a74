/** Jobs and CronJobs: what is refused, and in which words and order. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { CronJob } from '../kinds/batch/cron-job.ts'
import { Job } from '../kinds/batch/job.ts'
import { countIndexes, sharedIndex } from './job-indexes.ts'

const pod = { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Never' }
const template = { spec: pod }
const indexed = { completionMode: 'Indexed', completions: 5, template }
const wrongMode = 'requires indexed completion mode'

describe('a new Job', () => {
  test.for([
    [{ template }, []],
    [
      { template: { spec: { ...pod, restartPolicy: 'Always' } } },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      { template, selector: { matchLabels: { app: 'a' } } },
      [
        'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u","app":"a"}}: `selector` not auto-generated',
        'spec.template.metadata.labels: Invalid value: {"controller-uid":"u","job-name":"a","batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"a"}: `selector` does not match template `labels`',
      ],
    ],
    [
      { template: { ...template, metadata: { labels: { 'job-name': 'x' } } } },
      [
        'spec.template.metadata.labels[job-name]: Invalid value: {"job-name":"x","controller-uid":"u","batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"a"}: must be \'a\'',
      ],
    ],
    [{ template, manualSelector: true }, ['spec.selector: Required value', expect.anything()]],
    [
      { template, maxFailedIndexes: 1, managedBy: 'x' },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
        `spec.maxFailedIndexes: Invalid value: 1: ${wrongMode}`,
      ],
    ],
    [
      { template, backoffLimitPerIndex: 1 },
      [`spec.backoffLimitPerIndex: Invalid value: 1: ${wrongMode}`],
    ],
    [{ ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 5 }, []],
    [
      { ...indexed, completions: undefined, parallelism: 100_001 },
      [
        'spec.completions: Required value: when completion mode is Indexed',
        'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
      ],
    ],
    [
      { ...indexed, completions: 100_001, backoffLimitPerIndex: 1, parallelism: 10_001 },
      [
        'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
        'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
      ],
    ],
  ] as const)('%j', ([spec, problems]) => {
    expect(judged(Job, { spec })).toEqual(problems)
  })

  test('is named so that the hostnames of its pods are DNS labels', () => {
    const name = 'j'.repeat(62)
    expect(judged(Job, { metadata: { name }, spec: indexed })).toEqual([
      `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-4`,
    ])
  })

  test.for([
    [{}, { completions: 1, parallelism: 1, backoffLimit: 6 }],
    [{ parallelism: 3 }, { parallelism: 3, backoffLimit: 6 }],
    [{ completions: 3 }, { completions: 3, parallelism: 1, backoffLimit: 6 }],
    [{ backoffLimitPerIndex: 1 }, { completions: 1, parallelism: 1, backoffLimit: 2147483647 }],
  ] as const)('%j defaults to %j', ([given, numbers]) => {
    const { completions, parallelism, backoffLimit } = posted(Job, { spec: given }).spec
    const found = { completions, parallelism, backoffLimit }
    expect(
      Object.fromEntries(Object.entries(found).filter(([, each]) => each !== undefined)),
    ).toEqual(numbers)
  })
})

describe('policies of a Job', () => {
  const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 2] } }
  test.for([
    [rule, []],
    [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }, []],
    [
      { onExitCodes: { values: [3, 0, 3], containerName: 'x' } },
      [
        '.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
        '.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
        '.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template',
        '.onExitCodes.values[2]: Duplicate value: 3',
        '.onExitCodes.values: Invalid value: [3,0,3]: must be ordered',
      ],
    ],
    [
      { action: 'FailIndex', onExitCodes: { operator: 'In', values: [0] } },
      [
        '.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
        '.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
      ],
    ],
    [
      { action: 'Count' },
      [': Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
    ],
    [
      { ...rule, onPodConditions: [{ type: 'a b', status: 'X' }] },
      [
        expect.stringContaining('.onPodConditions[0].type: Invalid value: "a b": name part must'),
        '.onPodConditions[0].status: Unsupported value: "X": supported values: "False", "True", "Unknown"',
        ': Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
      ],
    ],
  ] as const)('failure: %j', ([each, problems]) => {
    const spec = { template, podFailurePolicy: { rules: [each] } }
    const at = 'spec.podFailurePolicy.rules[0]'
    const found = judged(Job, { spec }).map((line) => line.replace(at, ''))
    expect(found).toEqual(problems)
  })

  test('only pods that never restart can be judged', () => {
    const spec = {
      template: { spec: { ...pod, restartPolicy: 'OnFailure' } },
      podFailurePolicy: { rules: [rule] },
      podReplacementPolicy: 'TerminatingOrFailed',
    }
    expect(judged(Job, { spec })).toEqual([
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ])
  })

  test.for([
    [{ succeededIndexes: '0,2-4', succeededCount: 4 }, []],
    [
      {},
      [': Required value: at least one of succeededCount or succeededIndexes must be specified'],
    ],
    [
      { succeededIndexes: '0,2-9' },
      [
        '.succeededIndexes: Invalid value: "0,2-9": error parsing succeededIndexes: too large index: "9"',
      ],
    ],
    [
      { succeededIndexes: '0', succeededCount: 6 },
      [
        '.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
        '.succeededCount: Invalid value: 6: must be less than or equal to 1 (the number of indexes in the specified succeededIndexes field)',
      ],
    ],
  ] as const)('success: %j', ([each, problems]) => {
    const spec = { ...indexed, successPolicy: { rules: [each] } }
    const at = 'spec.successPolicy.rules[0]'
    expect(judged(Job, { spec }).map((line) => line.replace(at, ''))).toEqual(problems)
  })
})

test.for([
  ['', 0],
  ['3', 1],
  ['0-2,4', 4],
  ['1-2-3', /the fragment "1-2-3" violates/],
  ['a', /cannot convert string to integer for index: "a"/],
  ['10', /too large index: "10"/],
  ['3-3', /non-increasing order, previous: 3, current: 3/],
  ['2,1', /non-increasing order, previous: 2, current: 1/],
] as const)('the indexes %j of ten', ([text, expected]) => {
  if (typeof expected === 'number') expect(countIndexes(text, 10)).toBe(expected)
  else expect(() => countIndexes(text, 10)).toThrow(expected)
})

test.for([
  ['0-2,5', '3,6-7', undefined],
  ['0-2,5', '3-5', 5],
  ['1', 'x,1', 1],
  ['', '1', undefined],
] as const)('what %j and %j share', ([one, other, expected]) => {
  expect(sharedIndex(one, other, 10)).toBe(expected)
})

describe('a change of a Job', () => {
  const owned = {
    manualSelector: true,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: pod },
  }
  const moved = { ...owned.template, spec: { ...pod, nodeSelector: { a: 'b' } } }
  test.for([
    [
      { completions: 1 },
      {
        completions: 1,
        parallelism: 4,
        suspend: true,
        backoffLimit: 1,
        ttlSecondsAfterFinished: 1,
      },
      [],
    ],
    [{}, { completions: 7 }, ['spec.completions: Invalid value: 7: field is immutable']],
    [indexed, { ...indexed, completions: 7, parallelism: 7 }, []],
    [
      indexed,
      { ...indexed, completions: 7, parallelism: 6 },
      ['spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism'],
    ],
    [
      {},
      { managedBy: 'example.com/x' },
      ['spec.managedBy: Invalid value: "example.com/x": field is immutable'],
    ],
    [{ suspend: true }, { suspend: true, template: moved }, []],
    [
      {},
      { template: moved },
      [expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/)],
    ],
  ] as const)('%j to %j', ([before, after, problems]) => {
    const [previous, next] = [
      { ...before, ...owned },
      { ...owned, ...after, ...('template' in after && after.template === template && owned) },
    ]
    expect(judgedChange(Job, { spec: previous }, { spec: next })).toEqual(problems)
  })

  const bigger = { requests: { cpu: '2' }, limits: { cpu: '2' } }
  const larger = { ...pod, containers: [{ ...pod.containers[0], resources: bigger }] }
  const claiming = {
    ...pod,
    containers: [{ ...pod.containers[0], resources: { claims: [{ name: 'x' }] } }],
  }
  const started = { startTime: '2026-01-01T00:00:00Z' }
  const marked = [{ type: 'Suspended', status: 'True' }]
  test.for([
    { name: 'was never started', status: {}, after: larger, isAllowed: true },
    {
      name: 'is marked',
      status: { ...started, conditions: marked },
      after: larger,
      isAllowed: true,
    },
    { name: 'is not marked yet', status: started, after: larger, isAllowed: false },
    {
      name: 'has pods',
      status: { ...started, conditions: marked, active: 1 },
      after: larger,
      isAllowed: false,
    },
    { name: 'asks for claims', status: {}, after: claiming, isAllowed: false },
    {
      name: 'gets another image',
      status: {},
      after: { ...pod, containers: [{ name: 'c', image: 'j' }] },
      isAllowed: false,
    },
  ])('of resources while it is suspended and $name: $isAllowed', ({ status, after, isAllowed }) => {
    const specOf = (spec: object) => ({
      ...owned,
      suspend: true,
      template: { ...owned.template, spec },
    })
    const [before, next] = [pod, after].map((each) => ({ spec: specOf(each), status }))
    const immutable = expect.stringMatching(
      /^spec\.template: Invalid value: .* field is immutable$/,
    )
    const found = judgedChange(Job, before!, next!)
    expect(found.filter((line) => line.startsWith('spec.template: '))).toEqual(
      isAllowed ? [] : [immutable],
    )
  })

  const running = { startTime: '2026-01-01T00:00:00Z', active: 1 }
  const met = [{ type: 'SuccessCriteriaMet', status: 'True' }]
  const complete = [...met, { type: 'Complete', status: 'True' }]
  const completionTime = '2026-01-01T00:01:00Z'
  const suspended = [{ type: 'Suspended', status: 'True' }]
  const resumed = [{ type: 'Suspended', status: 'False' }]
  test.for([
    [{}, running, []],
    [running, { ...running, active: 0, conditions: complete, completionTime }, []],
    [
      running,
      { ...running, conditions: complete },
      [
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.active: Invalid value: 1: active>0 is invalid for finished job',
      ],
    ],
    [
      running,
      { ...running, active: 0, conditions: [complete[1]], completionTime },
      [
        'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      ],
    ],
    [
      { ...running, failed: 2, conditions: met },
      { active: 1, failed: 1, ready: 2 },
      [
        'status.ready: Invalid value: 2: cannot set more ready pods than active',
        'status.failed: Invalid value: 1: cannot decrease the failed counter',
        'status.startTime: Required value: startTime cannot be removed for unsuspended job',
        'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      ],
    ],
    [
      {},
      { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
      [
        'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
      ],
    ],
    [
      {},
      { completedIndexes: '1', failedIndexes: '2' },
      [
        'status.completedIndexes: Invalid value: "1": error parsing completedIndexes: too large index: "1"',
        'status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "2": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
    [
      { ...running, conditions: suspended },
      { ...running, conditions: resumed, startTime: completionTime },
      [],
    ],
    [
      { ...running, conditions: suspended },
      { active: 1, conditions: resumed },
      ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
    ],
  ] as const)('a status of %j to %j', ([before, status, problems]) => {
    const previous = { spec: owned, status: before }
    expect(judgedChange(Job, previous, { spec: owned, status })).toEqual(problems)
  })

  test('forgets what has succeeded only where the Job can shrink', () => {
    const change = (parallelism: number) => {
      const spec = { ...indexed, parallelism, ...owned }
      const before = { spec, status: { succeeded: 2, completedIndexes: '1-2' } }
      return judgedChange(Job, before, { spec, status: { succeeded: 1, completedIndexes: '1' } })
    }
    expect(change(5)).toEqual([])
    expect(change(4)).toEqual([
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ])
  })
})

describe('a CronJob', () => {
  const jobTemplate = { spec: { template } }
  const schedule = '*/5 * * * *'
  const zones = 'https://www.iana.org/time-zones'
  test.for([
    [{}, []],
    [{ schedule: '' }, ['spec.schedule: Required value']],
    [
      { schedule: '* * *' },
      ['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
    ],
    [
      { schedule: 'TZ=UTC 0 * * * *' },
      [
        'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [{ timeZone: 'Europe/Berlin' }, []],
    [
      { timeZone: '' },
      ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    ],
    [
      { timeZone: 'Mars/Base' },
      ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    ],
    [{ timeZone: '../etc' }, ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc']],
    [
      { timeZone: 'local' },
      [
        `spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in ${zones}`,
      ],
    ],
    [
      { concurrencyPolicy: 'X', startingDeadlineSeconds: -1, failedJobsHistoryLimit: -1 },
      [
        'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.concurrencyPolicy: Unsupported value: "X": supported values: "Allow", "Forbid", "Replace"',
        'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      { jobTemplate: { spec: { template, selector: {}, manualSelector: true } } },
      [
        'spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "false", "nil"',
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(judged(CronJob, { spec: { schedule, jobTemplate, ...change } })).toEqual(problems)
  })

  test('has a name that leaves room for those of its Jobs', () => {
    const spec = { schedule, jobTemplate }
    const [short, long] = [52, 53].map((length) => ({
      metadata: { name: 'c'.repeat(length) },
      spec,
    }))
    expect(judged(CronJob, short!)).toEqual([])
    expect(judged(CronJob, long!)).toEqual([
      `metadata.name: Invalid value: "${'c'.repeat(53)}": must be no more than 52 characters`,
    ])
  })

  test('leaves the template of its Jobs without their defaults', () => {
    const { jobTemplate: stored } = posted(CronJob, { spec: { schedule, jobTemplate } }).spec
    expect(Object.keys(stored.spec)).toEqual(['template'])
  })
})
