/** How commands end for clients of several protocols. */
import { expect, test } from 'vitest'
import { ending, streamsIn } from './command.ts'

const success = Buffer.from('{"status":"Success"}')
const failure = Buffer.from('{"status":"Failure","message":"exit status 3"}')
const lost =
  'Internal error occurred: the connection to the kubelet was lost before the command ended'

test.for([
  { name: 'a success as Status', status: success, endsWithStatus: true, wanted: String(success) },
  { name: 'a success without', status: success, endsWithStatus: false, wanted: '' },
  { name: 'a failure as Status', status: failure, endsWithStatus: true, wanted: String(failure) },
  { name: 'a failure without', status: failure, endsWithStatus: false, wanted: 'exit status 3' },
  { name: 'words', status: Buffer.from('why'), endsWithStatus: false, wanted: 'why' },
  { name: 'silence without', status: Buffer.alloc(0), endsWithStatus: false, wanted: lost },
])('$name', ({ status, endsWithStatus, wanted }) => {
  expect(String(ending(status, endsWithStatus))).toBe(wanted)
})

test('silence is a failure', () => {
  const status = JSON.parse(String(ending(Buffer.alloc(0), true)))
  expect(status).toMatchObject({ kind: 'Status', status: 'Failure', message: lost, code: 500 })
})

test('a terminal has one output', () => {
  const query = new URLSearchParams('stdin&stdout=1&stderr=true&tty=true')
  expect(streamsIn(query)).toEqual({ stdin: true, stdout: true, stderr: false, tty: true })
})
