/** Requests for certificates, read back by others. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { newKey } from './certificate.ts'
import { certificateRequestProblem } from './certificate-request.ts'
import { requestInfo } from './certificate-subject.ts'
import { signingRequest } from './signing-request.ts'

test('a request says who asks, and its signature is good', () => {
  const subject = { commonName: 'system:node:a', organizations: ['system:nodes'] }
  const text = signingRequest(subject, newKey())
  const base64 = Buffer.from(text).toString('base64')
  expect(certificateRequestProblem(base64)).toBeUndefined()
  expect(requestInfo(base64)).toBeDefined()
  const shown = execFileSync('openssl', ['req', '-noout', '-subject', '-verify'], {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  expect(shown.trim()).toMatch(/O ?= ?system:nodes, CN ?= ?system:node:a/)
})
