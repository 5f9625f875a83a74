/** Options in queries, read as Go reads them. */
import { expect, test } from 'vitest'
import { flagIn, integerIn, portsIn } from './options-query.ts'

test.for([
  ['', false],
  ['tty', true],
  ['tty=', true],
  ['tty=1', true],
  ['tty=yes', true],
  ['tty=0', false],
  ['tty=False', false],
] as const)('flag %s', ([query, wanted]) => {
  expect(flagIn(new URLSearchParams(query), 'tty')).toBe(wanted)
})

test.for([
  ['', undefined],
  ['n=10', 10],
  ['n=-1', -1],
  ['n=%2B5', 5],
] as const)('integer %s', ([query, wanted]) => {
  expect(integerIn(new URLSearchParams(query), 'n')).toBe(wanted)
})

test.for([
  ['n=', 'strconv.ParseInt: parsing "": invalid syntax'],
  ['n=1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  ['n=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
] as const)('integer %s is refused', ([query, message]) => {
  expect(() => integerIn(new URLSearchParams(query), 'n')).toThrow(message)
})

test('ports are listed, repeated or both', () => {
  expect(portsIn(new URLSearchParams('ports=80,443&ports=8080'))).toEqual([80, 443, 8080])
})

test.for([
  ['', 'query parameter "ports" is required'],
  ['ports=', 'query parameter "ports" cannot be empty'],
  ['ports=0', 'port "0" must be > 0'],
  ['ports=65536', 'unable to parse "65536" as a port'],
  ['ports=http', 'unable to parse "http" as a port'],
] as const)('ports %s are refused', ([query, message]) => {
  expect(() => portsIn(new URLSearchParams(query))).toThrow(message)
})
