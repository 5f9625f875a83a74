/** The kinds of the apps group: what is refused, and in which words and order. */
import { describe, expect, test } from 'vitest'
import { judged, judgedChange, posted } from '../judged.ts'
import { ControllerRevision } from '../kinds/apps/controller-revision.ts'
import { DaemonSet } from '../kinds/apps/daemon-set.ts'
import { Deployment } from '../kinds/apps/deployment.ts'
import { ReplicaSet } from '../kinds/apps/replica-set.ts'
import { StatefulSet } from '../kinds/apps/stateful-set.ts'

const selector = { matchLabels: { app: 'a' } }
const pod = { containers: [{ name: 'c', image: 'i' }] }
const template = { metadata: { labels: { app: 'a' } }, spec: pod }
const good = { selector, template }
const mismatch = '`selector` does not match template `labels`'
const negative = 'Invalid value: -1: must be greater than or equal to 0'
const badPercent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

describe('what all workloads with a selector ask for', () => {
  test.for([
    [{}, []],
    [
      { selector: null },
      [
        'spec.selector: Required value',
        `spec.template.metadata.labels: Invalid value: {"app":"a"}: ${mismatch}`,
      ],
    ],
    [
      { selector: {} },
      ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    ],
    [
      { selector: { matchLabels: { app: 'b' } } },
      [`spec.template.metadata.labels: Invalid value: {"app":"a"}: ${mismatch}`],
    ],
    [
      { selector: { matchExpressions: [{ key: 'app', operator: 'Foo' }] } },
      [
        'spec.selector.matchExpressions[0].operator: Invalid value: "Foo": not a valid selector operator',
        'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Foo"}]}: invalid label selector',
      ],
    ],
    [
      {
        template: {
          ...template,
          spec: { ...pod, restartPolicy: 'Never', activeDeadlineSeconds: 4 },
        },
      },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
      ],
    ],
    [
      { replicas: -1, minReadySeconds: -1 },
      [`spec.replicas: ${negative}`, `spec.minReadySeconds: ${negative}`],
    ],
  ] as const)('%j', ([change, problems]) => {
    const spec = { ...good, ...change }
    expect(judged(ReplicaSet, { spec })).toEqual(problems)
    expect(judged(Deployment, { spec })).toEqual(problems)
  })

  test.for([
    ['Deployment', Deployment],
    ['ReplicaSet', ReplicaSet],
    ['DaemonSet', DaemonSet],
  ] as const)('the selector of a %s stays', ([, kind]) => {
    const labels = { app: 'a', tier: 't' }
    const wide = { selector, template: { ...template, metadata: { labels } } }
    const narrow = { ...wide, selector: { matchLabels: labels } }
    expect(judgedChange(kind, { spec: wide }, { spec: narrow })).toEqual([
      `spec.selector: Invalid value: ${JSON.stringify(narrow.selector)}: field is immutable`,
    ])
  })
})

describe('Deployment', () => {
  test.for([
    [{ strategy: { type: 'Recreate' } }, []],
    [
      { strategy: { type: 'X' } },
      [
        'spec.strategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      [
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
      ],
    ],
    [
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      { strategy: { rollingUpdate: { maxSurge: '10', maxUnavailable: '200%' } } },
      [
        `spec.strategy.rollingUpdate.maxSurge: Invalid value: "10": ${badPercent}`,
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%',
      ],
    ],
    [{ strategy: { rollingUpdate: { maxSurge: '200%', maxUnavailable: 0 } } }, []],
    [
      { progressDeadlineSeconds: 5, minReadySeconds: 5 },
      ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
    ],
    [
      { progressDeadlineSeconds: -1, revisionHistoryLimit: -1 },
      [
        `spec.revisionHistoryLimit: ${negative}`,
        `spec.progressDeadlineSeconds: ${negative}`,
        'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds',
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(judged(Deployment, { spec: { ...good, ...change } })).toEqual(problems)
  })

  test.for([
    [{ replicas: 2, readyReplicas: 2, availableReplicas: 1, collisionCount: 3 }, []],
    [
      { replicas: 1, readyReplicas: 2, availableReplicas: 3, collisionCount: 2 },
      [
        'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
        'status.collisionCount: Invalid value: 2: cannot be decremented',
      ],
    ],
  ] as const)('a status of %j', ([status, problems]) => {
    const before = { spec: good, status: { collisionCount: 3 } }
    expect(judgedChange(Deployment, before, { spec: good, status })).toEqual(problems)
  })
})

describe('DaemonSet', () => {
  test.for([
    [{}, []],
    [{ updateStrategy: { type: 'OnDelete' } }, []],
    [
      { selector: {} },
      ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
    ],
    [
      { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } },
      [
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
      ],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: '10%' } } },
      [
        'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero',
      ],
    ],
    [
      { template: { ...template, spec: { ...pod, activeDeadlineSeconds: 4 } } },
      [
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
      ],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(judged(DaemonSet, { spec: { ...good, ...change } })).toEqual(problems)
  })

  test('counts the changes of its template in an annotation', () => {
    const key = 'deprecated.daemonset.template.generation'
    const first = posted(DaemonSet, { metadata: { annotations: { [key]: 'x' } }, spec: good })
    DaemonSet.prepareCreate?.(first)
    expect(first.metadata.annotations?.[key]).toBe('1')
    const same = posted(DaemonSet, { spec: { ...good, minReadySeconds: 3 } })
    DaemonSet.prepareUpdate?.(same, first)
    expect(same.metadata.annotations?.[key]).toBe('1')
    const other = { metadata: template.metadata, spec: { containers: [{ name: 'd', image: 'i' }] } }
    const next = posted(DaemonSet, { spec: { ...good, template: other } })
    DaemonSet.prepareUpdate?.(next, same)
    expect(next.metadata.annotations?.[key]).toBe('2')
  })
})

describe('StatefulSet', () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  const mounted = {
    ...template,
    spec: {
      containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'data', mountPath: '/d' }] }],
    },
  }

  test.for([
    [{}, []],
    [{ volumeClaimTemplates: [claim], template: mounted }, []],
    [
      { template: mounted },
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      { podManagementPolicy: 'X' },
      ["spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      [
        'spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
      ],
    ],
    [
      { updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
      [
        `spec.updateStrategy.rollingUpdate.partition: ${negative}`,
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
      ],
    ],
    [
      { persistentVolumeClaimRetentionPolicy: { whenScaled: 'X' }, ordinals: { start: -1 } },
      [
        'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "X": supported values: "Delete", "Retain"',
        `spec.ordinals.start: ${negative}`,
      ],
    ],
    [
      { selector: {} },
      ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
    ],
  ] as const)('%j', ([change, problems]) => {
    expect(judged(StatefulSet, { spec: { ...good, ...change } })).toEqual(problems)
  })

  test.for([
    [{ replicas: 3, minReadySeconds: 2, revisionHistoryLimit: 1, ordinals: { start: 1 } }, true],
    [{ updateStrategy: { type: 'OnDelete' }, template: { ...template, spec: pod } }, true],
    [{ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }, true],
    [{ serviceName: 'other' }, false],
    [{ podManagementPolicy: 'Parallel' }, false],
    [{ volumeClaimTemplates: [claim] }, false],
  ] as const)('a change to %j is fine: %s', ([change, isFine]) => {
    const problems = judgedChange(StatefulSet, { spec: good }, { spec: { ...good, ...change } })
    expect(problems).toEqual(
      isFine
        ? []
        : [
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
          ],
    )
  })
})

test('a ControllerRevision needs data, which stay', () => {
  expect(judged(ControllerRevision, { revision: -1 })).toEqual([
    'data: Required value: data is mandatory',
    `revision: ${negative}`,
  ])
  const before = { data: { a: 1 }, revision: 1 }
  expect(judgedChange(ControllerRevision, before, { ...before, revision: 2 })).toEqual([])
  expect(judgedChange(ControllerRevision, before, { data: { a: 2 }, revision: 1 })).toEqual([
    'data: Invalid value: {"a":2}: field is immutable',
  ])
})
