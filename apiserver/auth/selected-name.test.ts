/** Which lists and watches are taken for requests about one object. */
import { expect, test } from 'vitest'
import { requestInfo } from '../request-info.ts'
import { withSelectedName } from './selected-name.ts'

test.for<[string, string, string]>([
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dx', 'x'],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3D%3Dx&watch=true', 'x'],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=type%3Dy,metadata.name%3Dx', 'x'],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name!%3Dx', ''],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Da%2Fb', ''],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3D..', ''],
  ['GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name', ''],
  ['GET', '/api/v1/namespaces/a/secrets', ''],
  ['GET', '/api/v1/namespaces/a/secrets/y?fieldSelector=metadata.name%3Dx', 'y'],
  ['DELETE', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dx', ''],
  ['POST', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dx', ''],
])('%s %s is about "%s"', ([method, url, name]) => {
  expect(withSelectedName(requestInfo(method, url))).toMatchObject({ name })
})
