/** Who a kubelet is to a registry, by a table. */
import { expect, test } from 'vitest'
import { credentialsFor } from './registry-credentials.ts'

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
const secret = (auths: object) =>
  ({
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  }) as never
const old = {
  type: 'kubernetes.io/dockercfg',
  data: {
    '.dockercfg': Buffer.from(JSON.stringify({ 'r.example': auth('old:pw') })).toString('base64'),
  },
} as never

test.for<[string, object[], string[]]>([
  ['r.example/a:1', [{ 'r.example': auth('u:p:q') }], ['u:p:q']],
  ['r.example:5000/a', [{ 'r.example:5000': { username: 'u', password: 'p' } }], ['u:p']],
  ['r.example/a', [{ 'other.example': auth('u:p') }], []],
  [
    'r.example/team/a',
    [{ 'r.example': auth('a:1'), 'r.example/team': auth('b:2') }],
    ['b:2', 'a:1'],
  ],
  ['r.example/teams/a', [{ 'r.example/team': auth('b:2') }], []],
  ['a.r.example/x', [{ '*.r.example': auth('u:p') }], ['u:p']],
  ['a.b.r.example/x', [{ '*.r.example': auth('u:p') }], []],
  ['busybox', [{ 'https://index.docker.io/v1/': auth('hub:p') }], ['hub:p']],
  ['r.example/a', [{ 'https://r.example/v2/': auth('u:p') }], ['u:p']],
  ['r.example/a', [{ 'r.example': { auth: 'nonsense' } }], []],
])('%s with %j', ([image, configs, wanted]) => {
  const found = credentialsFor(image, configs.map(secret))
  expect(found.map(({ username, password }) => `${username}:${password}`)).toEqual(wanted)
})

test('older secrets count too, and what cannot be read does not', () => {
  const broken = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e' } }
  expect(credentialsFor('r.example/a', [broken as never, old])).toEqual([
    { username: 'old', password: 'pw' },
  ])
})
