/** Fields whose names would change the prototype are fields like any other. */
import { expect, test } from 'vitest'
import { setOwn } from './set-own.ts'

test('setOwn() defines what assignment would not', () => {
  const target: Record<string, unknown> = {}
  setOwn(target, 'a', 1)
  setOwn(target, '__proto__', { polluted: true })
  expect(Object.entries(target)).toEqual([
    ['a', 1],
    ['__proto__', { polluted: true }],
  ])
  expect((target as { polluted?: boolean }).polluted).toBeUndefined()
})
