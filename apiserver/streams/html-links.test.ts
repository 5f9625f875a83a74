/** Links in pages: found in tags only, however the page is cut into pieces. */
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { HtmlLinks } from './html-links.ts'

const marked = (pieces: readonly string[]): Promise<string> => {
  const chunks = pieces.map((piece) => Buffer.from(piece))
  const change = new HtmlLinks((link) => (link.startsWith('/') ? `/p${link}` : link))
  return text(Readable.from(chunks).pipe(change))
}

const cases = [
  ['<a href="/x">test</a>', '<a href="/p/x">test</a>'],
  ["<A class=b HREF='/x'>", '<A class=b HREF="/p/x">'],
  ['<a href=/x>', '<a href="/p/x">'],
  ['<a href = "/x?a=1&amp;b=2">', '<a href = "/p/x?a=1&amp;b=2">'],
  ['<img alt="a > b" src="/i.png"/>', '<img alt="a > b" src="/p/i.png"/>'],
  ['<form action="/f"><input formaction="/g">', '<form action="/p/f"><input formaction="/p/g">'],
  ['<a href="other">', '<a href="other">'],
  ['<a data-href="/x">', '<a data-href="/x">'],
  ['<p href="/x">', '<p href="/x">'],
  ['<constructor href="/x">', '<constructor href="/x">'],
  ['<!-- <a href="/x"> --><a href="/y">', '<!-- <a href="/x"> --><a href="/p/y">'],
  [
    '<script src="/s.js">if (a<b) "<a href=\'/x\'>"</script><a href="/y">',
    '<script src="/p/s.js">if (a<b) "<a href=\'/x\'>"</script><a href="/p/y">',
  ],
  ['1 < 2 and <a href="/x">é</a> <', '1 < 2 and <a href="/p/x">é</a> <'],
  ['text only', 'text only'],
  ['<a href="/x', '<a href="/x'],
] as const

test.for(cases)('%s', async ([page, wanted]) => {
  expect(await marked([page])).toBe(wanted)
})

test('pieces make no difference', async () => {
  const [page, wanted] = [cases.map(([before]) => before), cases.map(([, after]) => after)]
  // Without those that end in the middle of a tag.
  const whole = page.slice(0, -3).join('\n')
  const result = wanted.slice(0, -3).join('\n')
  const cuts = fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 })
  const same = fc.asyncProperty(cuts, async (places) => {
    const borders = [0, ...places.toSorted((a, b) => a - b), whole.length]
    const pieces = borders.slice(1).map((end, at) => whole.slice(borders[at], end))
    expect(await marked(pieces.filter(Boolean))).toBe(result)
  })
  await fc.assert(same, fuzz(200))
})
