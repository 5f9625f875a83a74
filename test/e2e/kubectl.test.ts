/** Text with placeholders matches what a user would call the same output. */
import { expect, test } from 'vitest'
import { comparableOutput, outputPattern } from './kubectl.ts'

test.for([
  ['NAME  AGE\nweb   <age>', 'NAME   AGE\nweb    12s\n', true],
  ['NAME  AGE\nweb   <age>', 'NAME   AGE\nweb    <none>\n', false],
  ['spec:\n  a: 1', 'spec:\n    a: 1', false],
  ['a.b', 'axb', false],
  ['first\n<lines>\nlast', 'first\none\ntwo\nlast', true],
  ['first\n<lines>\nlast', 'first\nlast', true],
  ['only', 'only\nmore', false],
  ['at <ip>', 'at 10.96.3.4', true],
] as const)('%j and %j: %s', ([wanted, output, matches]) => {
  expect(outputPattern(wanted).test(comparableOutput(output))).toBe(matches)
})
