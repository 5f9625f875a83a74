/** What the node's end of a link has counted is the pod's, the other way round. */
import { expect, test } from 'vitest'
import { interfaceCounters } from './figures.ts'

test('a pod receives what its node sends', () => {
  const text = [
    'Inter-|   Receive                            |  Transmit',
    ' face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed',
    '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
    'nk0123456789ab: 100 2 3 0 0 0 0 0 200 4 5 0 0 0 0 0',
    '',
  ].join('\n')
  const counters = interfaceCounters(text)
  expect([...counters.keys()]).toEqual(['lo', 'nk0123456789ab'])
  expect(counters.get('nk0123456789ab')).toEqual({
    interface: 'eth0',
    receivedBytes: 200,
    receiveErrors: 5,
    sentBytes: 100,
    sendErrors: 3,
  })
})
