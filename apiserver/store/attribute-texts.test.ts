/** Attributes survive as texts, are shared by text, and have no prototype to be confused with. */
import { expect, test } from 'vitest'
import { AttributeTexts, attributesText, noAttributes } from './attribute-texts.ts'

test('equal texts give the same record', () => {
  const texts = new AttributeTexts()
  const text = attributesText({ app: 'web', tier: 'ü"\\' })
  expect({ ...texts.parse(text) }).toEqual({ app: 'web', tier: 'ü"\\' })
  expect(texts.parse(text)).toBe(texts.parse(`${text}`))
  expect(texts.parse(attributesText(undefined))).toBe(noAttributes)
  expect(texts.parse(attributesText({}))).toBe(noAttributes)
})

test('names of object methods are ordinary names', () => {
  const parsed = new AttributeTexts().parse('{"constructor":"a","__proto__":"b"}')
  expect(parsed.constructor).toBe('a')
  expect(Object.entries(parsed)).toContainEqual(['__proto__', 'b'])
  expect(parsed.toString).toBeUndefined()
})

test('sharing starts over instead of growing without end', () => {
  const texts = new AttributeTexts()
  const first = texts.parse('{"n":"first"}')
  for (let index = 0; index < 70_000; index++) texts.parse(`{"n":"${index}"}`)
  expect(texts.parse('{"n":"first"}')).not.toBe(first)
  expect({ ...texts.parse('{"n":"first"}') }).toEqual({ n: 'first' })
})
