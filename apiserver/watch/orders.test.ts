/** Orders over a watch socket: what is understood, and what is refused. */
import { expect, test } from 'vitest'
import { parsedOrder } from './orders.ts'

const path = '/api/v1/pods?watch=1'

test.for([
  [
    { open: 1, path },
    { type: 'open', id: 1, path, window: 1_048_576 },
  ],
  [
    { open: 2, path, window: 9, accept: 'a/b' },
    { type: 'open', id: 2, path, window: 9, accept: 'a/b' },
  ],
  [
    { more: 3, bytes: 4 },
    { type: 'more', id: 3, bytes: 4 },
  ],
  [{ close: 5 }, { type: 'close', id: 5 }],
])('%j', ([message, order]) => {
  expect(parsedOrder(JSON.stringify(message))).toEqual(order)
})

test.for([
  ['', 'an order is a JSON object'],
  ['[]', 'an order is a JSON object'],
  ['null', 'an order is a JSON object'],
  ['{', 'an order is a JSON object'],
  ['{}', 'one of open, more and close is wanted'],
  ['{"open":0,"path":"/a"}', 'open: the number of a stream is wanted'],
  ['{"open":1.5,"path":"/a"}', 'open: the number of a stream is wanted'],
  ['{"open":1}', 'open: a path is wanted'],
  ['{"open":1,"path":"a"}', 'open: a path is wanted'],
  ['{"open":1,"path":"/a","window":-1}', 'open: window is out of range'],
  ['{"open":1,"path":"/a","window":99999999999}', 'open: window is out of range'],
  ['{"open":1,"path":"/a","accept":1}', 'open: accept is no text'],
  ['{"more":1}', 'more: bytes is out of range'],
  ['{"more":1,"bytes":1e300}', 'more: bytes is out of range'],
  ['{"close":"1"}', 'one of open, more and close is wanted'],
])('%s is refused: %s', ([message, why]) => {
  expect(parsedOrder(message!)).toBe(why)
})
