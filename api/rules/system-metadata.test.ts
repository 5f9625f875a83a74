/** What the server decides about metadata, whoever asks. */
import { expect, test } from 'vitest'
import { metadataForCreate, metadataForUpdate, nextGeneration } from './system-metadata.ts'

const time = '2024-01-01T00:00:00Z'
const later = '2025-01-01T00:00:00Z'

test('a new object gets its identity from the server', () => {
  const sent = {
    name: 'a',
    selfLink: '/x',
    uid: 'mine',
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: 5,
    labels: { a: 'b' },
  }
  expect(metadataForCreate(sent, 'u1', later)).toEqual({
    name: 'a',
    labels: { a: 'b' },
    uid: 'u1',
    creationTimestamp: later,
  })
  expect(sent.uid).toBe('mine')
})

test('a changed object keeps what was decided', () => {
  const previous = {
    uid: 'u1',
    generation: 3,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: 30,
  }
  const sent = { generation: 9, selfLink: '/x', creationTimestamp: later, deletionTimestamp: later }
  expect(metadataForUpdate(sent, previous)).toEqual(previous)
  expect(metadataForUpdate({ uid: 'u2', deletionGracePeriodSeconds: 0 }, previous)).toEqual({
    ...previous,
    uid: 'u2',
    deletionGracePeriodSeconds: 0,
  })
  expect(metadataForUpdate({ name: 'a', generation: 9 }, {})).toEqual({ name: 'a' })
})

test('generation counts changes of what is wanted', () => {
  expect(nextGeneration(undefined, true)).toBe(1)
  expect(nextGeneration(3, true)).toBe(4)
  expect(nextGeneration(3, false)).toBe(3)
})
