/** References in arguments are replaced as upstream does it. */
import { expect, test } from 'vitest'
import { expand } from './expand.ts'

const values = new Map([
  ['VAR_A', 'A'],
  ['VAR_B', 'B'],
  ['VAR_REF', '$(VAR_A)'],
  ['VAR_EMPTY', ''],
])

test.for([
  ['', ''],
  ['plain', 'plain'],
  ['$(VAR_A)', 'A'],
  ['___$(VAR_B)___', '___B___'],
  ['$(VAR_A)$(VAR_B)', 'AB'],
  ['$(VAR_REF)', '$(VAR_A)'],
  ['$(VAR_EMPTY)', ''],
  ['foo$(VAR_EMPTY)bar', 'foobar'],
  ['$(VAR_UNKNOWN)', '$(VAR_UNKNOWN)'],
  ['$$(VAR_A)', '$(VAR_A)'],
  ['$$$(VAR_A)', '$A'],
  ['$$$$(VAR_A)', '$$(VAR_A)'],
  ['$', '$'],
  ['$$', '$'],
  ['foo$', 'foo$'],
  ['$VAR_A', '$VAR_A'],
  ['$(VAR_A', '$(VAR_A'],
  ['$((VAR_A))', '$((VAR_A))'],
  ['$()', '$()'],
  ['$?', '$?'],
  ['f000-$$VAR_A', 'f000-$VAR_A'],
] as const)('%s becomes %s', ([text, expected]) => {
  expect(expand(text, (name) => values.get(name))).toBe(expected)
})
