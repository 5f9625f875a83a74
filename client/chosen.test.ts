/** Tries which controllers command lines ask for. */
import { expect, test } from 'vitest'
import { chosen } from './chosen.ts'

const all = ['job-controller', 'namespace-controller', 'replicaset-controller'].map((name) => ({
  name,
}))

test.for([
  { wanted: ['*'], names: ['job-controller', 'namespace-controller', 'replicaset-controller'] },
  { wanted: ['*', '-job-controller'], names: ['namespace-controller', 'replicaset-controller'] },
  { wanted: ['job-controller'], names: ['job-controller'] },
  { wanted: ['-job-controller', 'job-controller', '*'], names: all.slice(1).map((e) => e.name) },
  { wanted: [], names: [] },
])('chosen(): $wanted', ({ wanted, names }) => {
  expect(chosen(all, wanted).map(({ name }) => name)).toEqual(names)
})

test('chosen(): what is not known is refused, with what may have been meant', () => {
  expect(() => chosen(all, ['*', '-jop-controller'])).toThrow(
    '--controllers: "jop-controller" is not known, did you mean "job-controller"?',
  )
})
