/** Defaults, rules and warnings of ReplicationControllers. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange } from '../check.ts'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { ReplicationController } from '../kinds/core/replication-controller.ts'
import { plainContainer, podMeta, problemsOf, texts } from './pods/judged-pod.ts'
import { warningsForReplicationController } from './replication-controller.ts'

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [plainContainer] } }

function controller(spec: object, status: object = {}, metadata: object = {}) {
  const posted = { metadata: { ...podMeta, ...metadata }, spec, status }
  return applyDefaults(ReplicationController.schema, decode(ReplicationController.schema, posted))
}

test('what a controller does not say follows from its template', () => {
  expect(controller({ template })).toMatchObject({
    metadata: { labels: { app: 'a' } },
    spec: { replicas: 1, selector: { app: 'a' } },
  })
  const own = { selector: { app: 'b' }, replicas: 0 }
  expect(controller({ ...own, template }, {}, { labels: { x: 'y' } })).toMatchObject({
    metadata: { labels: { x: 'y' } },
    spec: own,
  })
})

describe('rules', () => {
  test.for([
    { name: 'plain', spec: { template }, expected: [] },
    {
      name: 'nothing said',
      spec: {},
      expected: ['spec.selector: Required value', 'spec.template: Required value'],
    },
    {
      name: 'numbers and labels',
      spec: { replicas: -1, minReadySeconds: -1, selector: { app: 'b' }, template },
      expected: [
        'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      ],
    },
    {
      name: 'pods that end',
      spec: {
        template: {
          ...template,
          spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 },
        },
      },
      expected: [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
      ],
    },
  ])('$name', ({ spec, expected }) => {
    expect(problemsOf(controller(spec), ReplicationController as never)).toEqual(expected)
  })

  test('a status that cannot be', () => {
    const metadata = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 }
    const previous = controller({ template }, {}, metadata)
    const next = controller({ template }, status, metadata)
    const found = texts(problemsOfChange(ReplicationController as never, next, previous))
    expect(found).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ])
  })
})

test('warnings, but not about what did not change', () => {
  const odd = { ...template, spec: { ...template.spec, imagePullSecrets: [{}] } }
  const created = controller({ template: odd }, {}, { name: 'a.b' })
  const empty = 'spec.template.spec.imagePullSecrets[0].name: invalid empty name ""'
  expect(warningsForReplicationController(created, undefined)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    empty,
  ])
  expect(warningsForReplicationController(created, created)).toEqual([])
  expect(warningsForReplicationController(created, controller({ template }))).toEqual([empty])
})
