/** Cells of custom resources: one row for each type of column and each kind of misfit. */
import { expect, test } from 'vitest'
import { customColumns } from './custom-columns.ts'

const now = Date.parse('2026-01-02T00:00:00Z')
const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' }

test.for<[type: string, value: unknown, cell: unknown]>([
  ['string', 'text', 'text'],
  ['string', 1.5, '1.5'],
  ['string', 0.00001, '1e-05'],
  ['string', 1e21, '1e+21'],
  ['string', true, 'true'],
  ['string', null, '<no value>'],
  ['string', { b: '<&>', a: [1, null] }, '{"a":[1,null],"b":"\\u003c\\u0026\\u003e"}'],
  ['integer', 3, 3],
  ['integer', -3.9, -3],
  ['integer', '3', null],
  ['number', 1.5, 1.5],
  ['number', '1.5', null],
  ['boolean', false, false],
  ['boolean', 'false', null],
  ['date', '2026-01-01T12:00:00Z', '12h'],
  ['date', '2026-01-01T12:00:00+02:00', '14h'],
  ['date', 'soon', '<invalid>'],
  ['date', '', '<unknown>'],
  ['date', 12, null],
  ['unknown', 'x', null],
])('%s of %j', ([type, value, cell]) => {
  const [, column] = customColumns([{ name: 'It', type, jsonPath: '.it' }])
  expect(column?.cell({ metadata, it: value } as never, now)).toEqual(cell)
})

test('a path that does not fit leaves the cell empty', () => {
  const [, column] = customColumns([{ name: 'It', type: 'string', jsonPath: '.it[0]' }])
  expect(column?.cell({ metadata, it: 'text' } as never, now)).toBe(null)
})

test('a column that says nothing about itself is described by its path', () => {
  const [, column] = customColumns([{ name: 'It', type: 'string', jsonPath: '.it' }])
  expect(column?.doc).toBe('Custom resource definition column (in JSONPath format): .it')
})

test('without columns the age is shown', () => {
  const [name, age, ...others] = customColumns(undefined)
  expect(name?.name).toBe('Name')
  expect(age).toMatchObject({ name: 'Age', type: 'date' })
  expect(age?.cell({ metadata }, now)).toBe('24h')
  expect(others).toEqual([])
})
