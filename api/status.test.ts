/** Every reason with its code and upstream wording; details; what clients must not see. */
import { expect, test } from 'vitest'
import { Path, Problems } from './problems.ts'
import * as status from './status.ts'

const pods = { group: '', plural: 'pods' }
const deployments = { group: 'apps', plural: 'deployments' }

test.for<[status.StatusError, number, string]>([
  [status.notFound(pods, 'x'), 404, 'pods "x" not found'],
  [status.notFound(deployments, 'x'), 404, 'deployments.apps "x" not found'],
  [status.alreadyExists(pods, 'x'), 409, 'pods "x" already exists'],
  [
    status.generateNameConflict(pods, 'x-abcde', 1),
    409,
    'pods "x-abcde" already exists, the server was not able to generate a unique name for the object',
  ],
  [status.unauthorized(), 401, 'Unauthorized'],
  [status.forbidden(pods, 'x', 'no'), 403, 'pods "x" is forbidden: no'],
  [status.forbidden(pods, '', 'no'), 403, 'pods is forbidden: no'],
  [status.forbidden({ group: '', plural: '' }, '', 'no'), 403, 'forbidden: no'],
  [
    status.conflict(deployments, 'd'),
    409,
    'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; ' +
      'please apply your changes to the latest version and try again',
  ],
  [status.expired('too old resource version: 1 (5)'), 410, 'too old resource version: 1 (5)'],
  [status.gone('gone'), 410, 'gone'],
  [status.badRequest('bad'), 400, 'bad'],
  [
    status.methodNotAllowed(),
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    status.methodNotSupported(deployments, 'patch'),
    405,
    'patch is not supported on resources of kind "deployments.apps"',
  ],
  [
    status.unsupportedMediaType(['application/json', 'application/yaml']),
    415,
    'the body of the request was in an unknown format - ' +
      'accepted media types include: application/json, application/yaml',
  ],
  [
    status.notAcceptable(['application/json']),
    406,
    '406: Not Acceptable\n\nAvailable representations: application/json',
  ],
  [status.tooLarge('limit is 3145728'), 413, 'Request entity too large: limit is 3145728'],
  [status.tooManyRequests('slow down', 1), 429, 'slow down'],
  [status.serviceUnavailable('later'), 503, 'later'],
  [
    status.serverTimeout(pods, 'list', 2),
    500,
    'The list operation against pods could not be completed at this time, please try again.',
  ],
  [status.timeout('slow', 1), 504, 'Timeout: slow'],
  [status.internalError('boom'), 500, 'Internal error occurred: boom'],
])('%s', ([error, code, message]) => {
  expect(error.toJSON()).toMatchObject({ kind: 'Status', status: 'Failure', code, message })
})

test('details name the resource, and leave out what is empty', () => {
  expect(status.notFound(deployments, 'x').details).toEqual({
    name: 'x',
    group: 'apps',
    kind: 'deployments',
  })
  expect(status.forbidden(pods, '', 'no').details).toEqual({ kind: 'pods' })
})

test('one problem stands alone, several stand in brackets, equal ones are said once', () => {
  const problems = new Problems()
  problems.required(Path.root.child('spec').child('a'))
  const kind = { group: 'apps', kind: 'Deployment' }
  expect(status.invalid(kind, 'd', problems.list).message).toBe(
    'Deployment.apps "d" is invalid: spec.a: Required value',
  )
  problems.required(Path.root.child('spec').child('a'))
  problems.invalid(Path.root.child('b').index(0).key('k'), { x: 1 }, 'must not be')
  const error = status.invalid(kind, 'd', problems.list)
  expect(error.message).toBe(
    'Deployment.apps "d" is invalid: ' +
      '[spec.a: Required value, b[0][k]: Invalid value: {"x":1}: must not be]',
  )
  expect(error.details?.causes).toHaveLength(3)
})

test('the cause reaches the log and not the client', () => {
  const cause = new Error('secret path')
  const error = status.internalError('boom', cause)
  expect(error.cause).toBe(cause)
  expect(JSON.stringify(error)).not.toContain('secret path')
  expect(status.isReason(error, 'NotFound', 'InternalError')).toBe(true)
  expect(status.isReason(cause, 'InternalError')).toBe(false)
})
