/** Fields of pods as texts. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { fieldOf } from './pod-fields.ts'

const pod = {
  metadata: {
    name: 'p',
    labels: { b: '2', a: '1' },
    annotations: { x: 'line\nbreak "quoted" \\ tab\t bell\u0007 \u0001 \u007f ü', 'a/b': '' },
  },
  spec: {},
} as unknown as Pod

test('labels and annotations are lines, sorted and quoted as Go quotes', () => {
  expect(fieldOf(pod, 'metadata.labels')).toBe('a="1"\nb="2"')
  const expected = 'a/b=""\nx="line\\nbreak \\"quoted\\" \\\\ tab\\t bell\\a \\x01 \\x7f ü"'
  expect(fieldOf(pod, 'metadata.annotations')).toBe(expected)
})

test('a path that names nothing is an error', () => {
  expect(() => fieldOf(pod, 'spec.secret')).toThrow('unsupported fieldPath: spec.secret')
})
