/** A near word is suggested, a far one is not. */
import { expect, test } from 'vitest'
import { suggestion } from './suggestion.ts'

const flags = ['secure-port', 'bind-address', 'data-dir', 'v']

test.for([
  ['secure-prt', 'secure-port'],
  ['secureport', 'secure-port'],
  ['bind-adress', 'bind-address'],
  ['datadir', 'data-dir'],
  ['completely-different', undefined],
  ['x', undefined],
  ['x'.repeat(100_000), undefined],
] as const)('%s', ([word, wanted]) => {
  expect(suggestion(word, flags)).toBe(wanted)
})

test('nothing is suggested when nothing is known', () => {
  expect(suggestion('a', [])).toBeUndefined()
})
