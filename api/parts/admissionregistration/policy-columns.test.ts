/** How tables name the parameters of policies. */
import { expect, test } from 'vitest'
import { paramKindCell, paramRefCell } from './policy-columns.ts'

test.for([
  [undefined, '<unset>'],
  [{ apiVersion: 'v1', kind: 'ConfigMap' }, 'v1/ConfigMap'],
] as const)('the kind %j', ([paramKind, cell]) => {
  expect(paramKindCell(paramKind)).toBe(cell)
})

test.for([
  [undefined, '<unset>'],
  [{ name: 'a' }, '*/a'],
  [{ name: 'a', namespace: 'n' }, 'n/a'],
  [{ selector: { matchLabels: { a: 'b' } } }, 'a=b'],
] as const)('the reference %j', ([paramRef, cell]) => {
  expect(paramRefCell(paramRef)).toBe(cell)
})
