/** Which tolerations are valid. */
import { expect, test } from 'vitest'
import { Path } from '../problems.ts'
import { problemsFrom } from './pods/judged-pod.ts'
import { validateTolerations } from './tolerations.ts'

test.for([
  { toleration: { operator: 'Exists' }, expected: [] },
  { toleration: { key: 'a', value: 'b', effect: 'NoSchedule' }, expected: [] },
  { toleration: { key: 'a', operator: 'Gt', value: '-5' }, expected: [] },
  {
    toleration: { value: 'b' },
    expected: [
      't[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  },
  {
    toleration: { key: 'a', operator: 'Exists', value: 'b' },
    expected: [
      't[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
    ],
  },
  {
    toleration: { key: 'a', operator: 'Exists', tolerationSeconds: 5, effect: 'NoSchedule' },
    expected: [
      't[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
  },
  {
    toleration: { key: 'a', operator: 'Lt', value: '1.5' },
    expected: [
      't[0].value: Invalid value: "1.5": must be a valid decimal integer in canonical form',
    ],
  },
  {
    toleration: { key: 'a', operator: 'In', effect: 'X' },
    expected: [
      't[0].operator: Unsupported value: "In": supported values: "Equal", "Exists", "Gt", "Lt"',
      't[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
    ],
  },
])('$toleration', ({ toleration, expected }) => {
  const at = Path.root.child('t')
  const judge = problemsFrom((problems) => validateTolerations([toleration as never], at, problems))
  expect(judge).toEqual(expected)
})
