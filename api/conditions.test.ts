/** Conditions: the rule of the transition time, and validation. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  type ConditionLike,
  findCondition,
  hasConditionStatus,
  validateConditions,
  withCondition,
  withoutCondition,
} from './conditions.ts'
import { Path, Problems } from './problems.ts'

const then = '2024-01-01T00:00:00Z'
const now = '2025-01-01T00:00:00Z'
const ready = { type: 'Ready', status: 'True', reason: 'Up', message: '', lastTransitionTime: then }
const other = { ...ready, type: 'Other' }

describe('withCondition()', () => {
  test('adds what is not there, at the present time', () => {
    const { lastTransitionTime: _, ...timeless } = ready
    expect(withCondition<ConditionLike>([other], timeless, now)).toEqual([
      other,
      { ...ready, lastTransitionTime: now },
    ])
    expect(withCondition([], ready, now)).toEqual([ready])
  })

  test('moves the time with the status only', () => {
    const next = { type: 'Ready', status: 'False', reason: 'Down', message: 'gone' }
    expect(withCondition<ConditionLike>([ready, other], next, now)).toEqual([
      { ...next, lastTransitionTime: now },
      other,
    ])
    const reworded = { ...ready, reason: 'Better', lastTransitionTime: now }
    expect(withCondition([other, ready], reworded, now)).toEqual([
      other,
      { ...ready, reason: 'Better' },
    ])
  })

  test('keeps a time that is given for a new status', () => {
    const next = { ...ready, status: 'Unknown', lastTransitionTime: '2024-06-01T00:00:00Z' }
    expect(withCondition([ready], next, now)).toEqual([next])
  })

  test('returns the same list when nothing changes', () => {
    const conditions = [other, ready]
    expect(withCondition(conditions, { ...ready, lastTransitionTime: now }, now)).toBe(conditions)
    expect(withCondition<ConditionLike>(conditions, { type: 'Ready', status: 'True' }, now)).toBe(
      conditions,
    )
  })

  test('is idempotent and leaves one condition of a type', () => {
    const some = fc.record({
      type: fc.constantFrom('A', 'B', 'C'),
      status: fc.constantFrom('True', 'False', 'Unknown'),
      reason: fc.constantFrom('X', 'Y'),
    })
    fc.assert(
      fc.property(fc.array(some), some, (writes, last) => {
        let conditions: readonly ConditionLike[] = []
        for (const write of writes) conditions = withCondition(conditions, write, then)
        const once = withCondition(conditions, last, now)
        expect(withCondition(once, last, '2026-01-01T00:00:00Z')).toBe(once)
        expect(new Set(once.map(({ type }) => type)).size).toBe(once.length)
        expect(findCondition(once, last.type)).toMatchObject(last)
      }),
      fuzz(300),
    )
  })
})

test('conditions are found and removed by type', () => {
  const conditions = [ready, other]
  expect(findCondition(conditions, 'Other')).toBe(other)
  expect(findCondition(null, 'Other')).toBeUndefined()
  expect(hasConditionStatus(conditions, 'Ready', 'True')).toBe(true)
  expect(hasConditionStatus(undefined, 'Ready', 'True')).toBe(false)
  expect(withoutCondition(conditions, 'Ready')).toEqual([other])
  expect(withoutCondition(conditions, 'None')).toBe(conditions)
})

const reasonHint =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"

test.for<[condition: Partial<ConditionLike>, wanted: string[]]>([
  [{}, []],
  [{ reason: 'A' }, []],
  [{ reason: 'ReasonA:ReasonB_' }, []],
  [{ reason: 'A,' }, [`c[0].reason: Invalid value: "A,": ${reasonHint}`]],
  [{ reason: '1' }, [`c[0].reason: Invalid value: "1": ${reasonHint}`]],
  [{ reason: '' }, ['c[0].reason: Required value: must be set']],
  [{ reason: 'a'.repeat(1025) }, ['c[0].reason: Too long: may not be more than 1024 bytes']],
  [{ message: 'a'.repeat(32_769) }, ['c[0].message: Too long: may not be more than 32768 bytes']],
  [{ lastTransitionTime: null }, ['c[0].lastTransitionTime: Required value: must be set']],
  [
    { observedGeneration: -1 },
    ['c[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero'],
  ],
  [
    { status: 'Maybe' },
    ['c[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"'],
  ],
])('%# %o', ([condition, wanted]) => {
  const problems = new Problems()
  validateConditions([{ ...ready, ...condition }], Path.root.child('c'), problems)
  expect(problems.list.map(({ field, message }) => `${field}: ${message}`)).toEqual(wanted)
})

test('two conditions of one type are one too many', () => {
  const problems = new Problems()
  validateConditions([ready, other, ready], Path.root.child('c'), problems)
  expect(problems.list).toEqual([
    { reason: 'FieldValueDuplicate', field: 'c[2].type', message: 'Duplicate value: "Ready"' },
  ])
  validateConditions(null, Path.root.child('c'), problems)
  expect(problems.list).toHaveLength(1)
})
