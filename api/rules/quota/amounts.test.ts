/** Sums of amounts. */
import { expect, test } from 'vitest'
import {
  added,
  amountsOf,
  exceeded,
  negativeNames,
  onlyNamed,
  subtracted,
  textsOf,
  withoutZeros,
} from './amounts.ts'

const a = amountsOf({ cpu: '1500m', memory: '1Gi', pods: '0' })

test('sums hold the names of both sides, in order', () => {
  expect(textsOf(added(a, amountsOf({ memory: '1Mi', zebras: '2', cpu: '500m' })))).toEqual({
    cpu: '2',
    memory: '1025Mi',
    pods: '0',
    zebras: '2',
  })
})

test('differences end at nothing', () => {
  expect(textsOf(subtracted(a, amountsOf({ cpu: '2', memory: '1Mi' })))).toEqual({
    cpu: '0',
    memory: '1023Mi',
    pods: '0',
  })
})

test('names are picked, zeros and negatives found', () => {
  expect(textsOf(onlyNamed(a, new Set(['cpu', 'other'])))).toEqual({ cpu: '1500m' })
  expect([...withoutZeros(a).keys()]).toEqual(['cpu', 'memory'])
  expect(negativeNames(amountsOf({ b: '-1', a: '-1m', c: '1' }))).toEqual(['a', 'b'])
})

test('only what is bounded can be exceeded', () => {
  expect(exceeded(a, amountsOf({ memory: '1023Mi', cpu: '1500m' }))).toEqual(['memory'])
  expect(exceeded(a, new Map())).toEqual([])
})
