/** Field selectors: terms, escapes, messages, and matching. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  escapeFieldValue,
  FieldSelectorError,
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
  requiredField,
} from './field-selector.ts'

test.for<[text: string, formatted: string]>([
  ['', ''],
  [',,', ''],
  ['metadata.name=a', 'metadata.name=a'],
  ['a==b', 'a=b'],
  ['b!=c,a=b', 'a=b,b!=c'],
  ['a=', 'a='],
  ['=a', '=a'],
  ['a=b!c', 'a=b!c'],
  ['a!b=c', 'a!b=c'],
  ['a=b\\,c,d=e', 'a=b\\,c,d=e'],
  ['a=\\=\\\\', 'a=\\=\\\\'],
  ['a!=!', 'a!=!'],
])('%j reads as %j', ([text, formatted]) => {
  expect(formatFieldSelector(parseFieldSelector(text))).toBe(formatted)
})

test.for<[text: string, message: string]>([
  ['foo', "invalid selector: 'foo'; can't understand 'foo'"],
  ['b=c,a', "invalid selector: 'b=c,a'; can't understand 'a'"],
  ['a!', "invalid selector: 'a!'; can't understand 'a!'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a===b', 'invalid field selector: unescaped character in value: 61'],
  ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=\\😀', 'invalid field selector: invalid escape sequence: \\😀'],
  ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
])('%j: %s', ([text, message]) => {
  expect(() => parseFieldSelector(text)).toThrow(new FieldSelectorError(message))
})

test('a missing field counts as empty', () => {
  const fields = new Map([
    ['a', '1'],
    ['b', ''],
  ])
  const matches = (text: string): boolean =>
    matchesFields(parseFieldSelector(text), (field) => fields.get(field))
  expect(matches('')).toBe(true)
  expect(matches('a=1,b=,missing=')).toBe(true)
  expect(matches('a!=1')).toBe(false)
  expect(matches('a=2')).toBe(false)
  expect(matches('missing!=x')).toBe(true)
})

test('only equality insists on a value', () => {
  const selector = parseFieldSelector('a!=1,a=2,b!=3')
  expect(requiredField(selector, 'a')).toBe('2')
  expect(requiredField(selector, 'b')).toBeUndefined()
})

test('any value survives its escapes', () => {
  const values = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'\\,=a!') }))
  fc.assert(
    fc.property(values, fc.constantFrom('=', '!='), (value, operator) => {
      const text = `f${operator}${escapeFieldValue(value)}`
      expect(parseFieldSelector(text)).toEqual([{ field: 'f', operator, value }])
    }),
    fuzz(1000),
  )
})

test('any text is a selector made of its own parts, or a FieldSelectorError', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab\\,=!') }), (text) => {
      try {
        for (const { field, operator, value } of parseFieldSelector(text)) {
          expect(text).toContain(field + operator)
          expect(text).toContain(escapeFieldValue(value))
        }
      } catch (error) {
        expect(error).toBeInstanceOf(FieldSelectorError)
      }
    }),
    fuzz(1000),
  )
})

test('megabytes are read once', () => {
  const long = 'a'.repeat(1_000_000)
  expect(parseFieldSelector(`${long}=${long}`)).toHaveLength(1)
  expect(() => parseFieldSelector(long)).toThrow(FieldSelectorError)
})
