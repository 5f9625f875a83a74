/** Of several default classes the newest counts. */
import { expect, test } from 'vitest'
import { defaultClass } from './default-class.ts'

const named = (name: string, creationTimestamp: string, mark?: string) =>
  ({ metadata: { name, creationTimestamp, annotations: mark ? { mark } : {} } }) as never

test('the newest, then the first by name, and only those that are marked', () => {
  const classes = [
    named('old', '2026-01-01T00:00:00Z', 'true'),
    named('b', '2026-01-02T00:00:00Z', 'true'),
    named('a', '2026-01-02T00:00:00Z', 'true'),
    named('not', '2026-01-03T00:00:00Z', 'false'),
    named('plain', '2026-01-03T00:00:00Z'),
  ]
  expect(defaultClass(classes, ['mark'])).toBe(classes[2])
  expect(defaultClass(classes, ['other'])).toBeUndefined()
})
