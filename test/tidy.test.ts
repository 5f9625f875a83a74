/** The style guide as a test: each rule holds for the whole repository. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { exceptions } from './tidy/exceptions.ts'
import { readRepository } from './tidy/repository.ts'
import { findings, idleExceptions, rules } from './tidy/rules.ts'

const repository = readRepository(fileURLToPath(new URL('..', import.meta.url)))

test.for(rules)('$name', (rule) => {
  expect(findings(rule, repository, exceptions)).toEqual([])
})

test('CONTRIBUTING.md lists every rule', () => {
  const guide = repository.texts.get('CONTRIBUTING.md') ?? ''
  const table = guide.slice(guide.indexOf('| rule |')).split('\n\n')[0] ?? ''
  const listed = [...table.matchAll(/^\| ([a-z, -]+) \|/gm)].flatMap(([, cell = '']) =>
    cell.split(', '),
  )
  expect(listed.toSorted()).toEqual(['rule', ...rules.map(({ name }) => name)].toSorted())
})

test('every exception is still needed', () => {
  expect(idleExceptions(repository, exceptions)).toEqual([])
})
