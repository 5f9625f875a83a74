/** The small messages that are sent to a pod. */
import { expect, test } from 'vitest'
import { decode } from '../../decode.ts'
import { Problems } from '../../problems.ts'
import { validate } from '../../validate.ts'
import { Binding } from './binding.ts'
import { PodLogOptions } from './pod-log-options.ts'

function problemsOf(kind: typeof Binding | typeof PodLogOptions, posted: object): string[] {
  const problems = new Problems()
  validate(kind.schema as never, decode(kind.schema, posted) as never, problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

test.for([
  { target: { name: 'n' }, expected: [] },
  { target: { kind: 'Node', name: 'n' }, expected: [] },
  {
    target: { kind: 'Pod' },
    expected: [
      'target.kind: Unsupported value: "Pod": supported values: "<empty>", "Node"',
      'target.name: Required value',
    ],
  },
])('a binding to $target', ({ target, expected }) => {
  expect(problemsOf(Binding, { target })).toEqual(expected)
})

test.for([
  { options: { follow: true, tailLines: 0, limitBytes: 1, sinceSeconds: 1 }, expected: [] },
  {
    options: { tailLines: -1, limitBytes: 0, sinceSeconds: 0, stream: 'Stdout' },
    expected: [
      'tailLines: Invalid value: -1: must be greater than or equal to 0',
      'limitBytes: Invalid value: 0: must be greater than 0',
      'sinceSeconds: Invalid value: 0: must be greater than 0',
      'stream: Forbidden: may not be specified',
    ],
  },
  {
    options: { sinceSeconds: 0, sinceTime: '2026-01-01T00:00:00Z' },
    expected: [': Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'],
  },
])('a log with $options', ({ options, expected }) => {
  expect(problemsOf(PodLogOptions, options)).toEqual(expected)
})
