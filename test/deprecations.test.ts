/** Who still uses what has had its day is told so with every answer. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './api-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test.for([
  { path: 'componentstatuses', says: 'v1 ComponentStatus is deprecated in v1.19+' },
  {
    path: 'endpoints',
    says: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  },
  { path: 'pods', says: undefined },
])('$path', async ({ path, says }) => {
  const answer = await fetch(`${server.url}/api/v1/${path}`)
  await answer.arrayBuffer()
  expect(answer.headers.get('warning')).toBe(says === undefined ? null : `299 - "${says}"`)
})

test('nobody is warned about what is not served', async () => {
  const url = `${server.url}/api/v1/componentstatuses`
  const response = await fetch(url, { method: 'POST', body: '{}' })
  expect(response.status).toBe(405)
  expect(response.headers.get('warning')).toBeNull()
})
