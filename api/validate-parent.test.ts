/** Rules of a field that look at the struct around it. */
import { expect, test } from 'vitest'
import { Problems } from './problems.ts'
import { always, listOf, omitEmpty, required, string, struct } from './schema.ts'
import { validate } from './validate.ts'

const part = struct('test.v1.Part', 'A part.', { name: required(1, string, 'Its name.') })
const whole = struct('test.v1.Whole', 'A whole.', {
  label: omitEmpty(1, string, 'Its label.'),
  part: always(2, part, 'The one part.', {
    check(value, at, problems, parent: { label?: string }) {
      if (value.name !== parent.label) problems.invalid(at, value.name, 'must be the label')
    },
    validatedAs: (value, parent: { label?: string }) =>
      parent.label === 'lenient' ? { ...value, name: 'stand-in' } : value,
  }),
  others: always(3, listOf(part), 'More parts.'),
})

test.for([
  { label: 'a', name: 'a', expected: [] },
  { label: 'a', name: 'b', expected: ['part Invalid value: "b": must be the label'] },
  {
    label: 'a',
    name: '',
    expected: ['part Invalid value: "": must be the label', 'part.name Required value'],
  },
  { label: 'lenient', name: '', expected: ['part Invalid value: "": must be the label'] },
])('a part named "$name" under the label "$label"', ({ label, name, expected }) => {
  const problems = new Problems()
  validate(whole, { label, part: { name }, others: null }, problems)
  expect(problems.list.map(({ field, message }) => `${field} ${message}`)).toEqual(expected)
})

const judged = struct(
  'test.v1.Judged',
  'A struct that judges itself.',
  { part: always(1, part, 'A part.'), count: omitEmpty(2, string, 'A count.', { maxLength: 1 }) },
  {
    validateWhole(value, at, problems): void {
      if (!value.count) problems.required(at.child('count'))
    },
  },
)

test('a struct that states every rule itself has no others', () => {
  const problems = new Problems()
  validate(judged, { part: { name: '' }, count: 'too long' }, problems)
  validate(listOf(judged), [{ part: { name: '' } }], problems)
  expect(problems.list.map(({ field, message }) => `${field} ${message}`)).toEqual([
    '[0].count Required value',
  ])
})
