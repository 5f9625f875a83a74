/** Which changes of a pod are allowed. */
import { describe, expect, test } from 'vitest'
import { problemsOfChange } from '../../check.ts'
import { Pod } from '../../kinds/core/pod.ts'
import { plainContainer, pod, texts } from './judged-pod.ts'

const stored = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

function problemsOfUpdate(before: object, after: object, meta: object = {}, oldMeta: object = {}) {
  const previous = pod(before, { ...stored, ...oldMeta })
  const next = pod(after, { ...stored, ...meta })
  return texts(problemsOfChange(Pod as never, next, previous))
}

const fixed =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'

describe('changes of pods', () => {
  const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' }
  test.for([
    { name: 'none', before: {}, after: {}, expected: [] },
    {
      name: 'an image',
      before: {},
      after: { containers: [{ ...plainContainer, image: 'j' }] },
      expected: [],
    },
    {
      name: 'no image any more',
      before: {},
      after: { containers: [{ name: 'c', imagePullPolicy: 'Always' }] },
      expected: [
        'spec.containers[0].image: Required value',
        'spec.containers[0].image: Required value',
      ],
    },
    {
      name: 'one container more',
      before: {},
      after: { containers: [plainContainer, { name: 'd', image: 'i' }] },
      expected: ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    },
    { name: 'a deadline', before: {}, after: { activeDeadlineSeconds: 9 }, expected: [] },
    {
      name: 'a later deadline',
      before: { activeDeadlineSeconds: 8 },
      after: { activeDeadlineSeconds: 9 },
      expected: [
        'spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value',
      ],
    },
    {
      name: 'no deadline any more',
      before: { activeDeadlineSeconds: 8 },
      after: {},
      expected: [
        'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
      ],
    },
    {
      name: 'one toleration more, another for longer',
      before: { tolerations: [toleration] },
      after: { tolerations: [{ ...toleration, tolerationSeconds: 5 }, { operator: 'Exists' }] },
      expected: [],
    },
    {
      name: 'another toleration',
      before: { tolerations: [toleration] },
      after: { tolerations: [{ ...toleration, key: 'b' }] },
      expected: [
        'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
      ],
    },
    {
      name: 'one gate less',
      before: { schedulingGates: [{ name: 'a' }, { name: 'b' }] },
      after: { schedulingGates: [{ name: 'b' }] },
      expected: [],
    },
    {
      name: 'one gate more',
      before: { schedulingGates: [{ name: 'a' }] },
      after: { schedulingGates: [{ name: 'a' }, { name: 'b' }] },
      expected: [
        "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
      ],
    },
    {
      name: 'a negative grace period that is put right',
      before: { terminationGracePeriodSeconds: -1 },
      after: { terminationGracePeriodSeconds: 1 },
      expected: [],
    },
    {
      name: 'anything else',
      before: { hostname: 'a' },
      after: { hostname: 'b' },
      expected: [
        `${fixed}  core.PodSpec{\n- \thostname: "a",\n+ \thostname: "b",\n  \t... // 7 identical fields\n  }\n`,
      ],
    },
  ])('$name', ({ before, after, expected }) => {
    expect(problemsOfUpdate(before, after)).toEqual(expected)
  })
})

describe('changes of pods that wait at a gate', () => {
  const gate = { schedulingGates: [{ name: 'g' }] }
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const nodes = (...terms: object[]) => ({
    affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: terms } } },
  })
  const has = (key: string) => ({ key, operator: 'Exists' })
  const termsAt = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`
  test.for([
    {
      name: 'a narrower selector',
      before: { nodeSelector: { a: 'b' } },
      after: { nodeSelector: { a: 'b', c: 'd' } },
      expected: [],
    },
    {
      name: 'another selector',
      before: { nodeSelector: { a: 'b' } },
      after: { nodeSelector: { a: 'c' } },
      expected: [
        'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
    },
    {
      name: 'an affinity',
      before: {},
      after: nodes({ matchExpressions: [has('a')] }),
      expected: [],
    },
    {
      name: 'a narrower affinity',
      before: nodes({ matchExpressions: [has('a')] }),
      after: nodes({ matchExpressions: [has('b'), has('a')] }),
      expected: [],
    },
    {
      name: 'a wider affinity',
      before: nodes({ matchExpressions: [has('a')] }),
      after: nodes({ matchExpressions: [has('a')] }, { matchExpressions: [has('b')] }),
      expected: [
        `${termsAt}: Invalid value: [{"matchExpressions":[{"key":"a","operator":"Exists"}]},{"matchExpressions":[{"key":"b","operator":"Exists"}]}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
      ],
    },
    {
      name: 'another affinity',
      before: nodes({ matchExpressions: [has('a')] }),
      after: nodes({ matchExpressions: [has('b')] }),
      expected: [
        `${termsAt}[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
      ],
    },
  ])('$name', ({ before, after, expected }) => {
    expect(problemsOfUpdate({ ...before, ...gate }, { ...after, ...gate })).toEqual(expected)
    expect(problemsOfUpdate({ ...before, ...gate }, after)).toEqual(expected)
    expect(problemsOfUpdate(before, after)).not.toEqual([])
  })
})

test('annotations that say what a pod is stay', () => {
  const mirror = 'kubernetes.io/config.mirror'
  const appArmor = 'container.apparmor.security.beta.kubernetes.io/c'
  const meta = (annotations: object) => ({ annotations })
  const spec = { nodeName: 'n' }
  expect(
    problemsOfUpdate(
      spec,
      spec,
      meta({ [mirror]: 'y', [appArmor]: 'unconfined' }),
      meta({ [mirror]: 'x' }),
    ),
  ).toEqual([
    `metadata.annotations[${mirror}]: Forbidden: may not remove or update mirror pod annotation`,
    `metadata.annotations[${appArmor}]: Forbidden: may not add AppArmor annotations`,
  ])
})
