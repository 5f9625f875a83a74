/** Kubeconfig files: merged, checked and refused as kubectl does. */
import { describe, expect, test } from 'vitest'
import { chosenContext, mergeKubeconfigs, parseKubeconfig } from './kubeconfig.ts'

const parse = (text: string) => parseKubeconfig(text, '/etc/kube/config', '/etc/kube')

const usual = (user: string, cluster = '{server: "https://h"}') => `
apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: c, user: u, namespace: team}}]
clusters: [{name: c, cluster: ${cluster}}]
users: [{name: u, user: ${user}}]
`

describe('parseKubeconfig()', () => {
  test('paths are relative to the file, commands only when they are paths', () => {
    const { clusters, users } = parse(`
clusters: [{name: c, cluster: {server: s, certificate-authority: pki/ca.crt}}]
users:
- {name: u, user: {client-certificate: u.crt, client-key: /etc/u.key, tokenFile: ../token}}
- {name: v, user: {exec: {command: bin/login}}}
- {name: w, user: {exec: {command: login}}}
`)
    expect(clusters.get('c')?.['certificate-authority']).toBe('/etc/kube/pki/ca.crt')
    expect(users.get('u')).toMatchObject({
      'client-certificate': '/etc/kube/u.crt',
      'client-key': '/etc/u.key',
      tokenFile: '/etc/token',
    })
    expect(users.get('v')?.exec?.command).toBe('/etc/kube/bin/login')
    expect(users.get('w')?.exec?.command).toBe('login')
  })

  test.for([
    { name: 'nothing', text: '' },
    { name: 'an empty document', text: '---\n' },
    { name: 'lists without entries', text: 'kind: Config\napiVersion: v1\nclusters: null\n' },
  ])('$name is an empty one', ({ text }) => {
    const { clusters, users, contexts, currentContext } = parse(text)
    expect([clusters.size, users.size, contexts.size, currentContext]).toEqual([0, 0, 0, ''])
  })

  test.for([
    { name: 'no YAML', text: 'a: [', says: '/etc/kube/config: ' },
    { name: 'another kind', text: 'kind: Pod\napiVersion: v1\n', says: 'is a v1 Pod, wanted' },
    { name: 'a key twice', text: 'kind: Config\nkind: Config\n', says: 'already set in map' },
    { name: 'a list that is none', text: 'clusters: {}\n', says: 'clusters' },
    {
      name: 'a name twice',
      text: 'users: [{name: a}, {name: a}]',
      says: 'duplicate name "a" among the users',
    },
  ])('$name is refused', ({ text, says }) => {
    expect(() => parse(text)).toThrow(says)
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'KubeconfigError' }))
  })
})

test('of several files the first counts, entry by entry', () => {
  const first = parse('users: [{name: a, user: {token: first}}]')
  const second = parse(
    'current-context: two\nusers: [{name: a, user: {token: second, username: jane}}, {name: b}]',
  )
  const third = parse('current-context: three\nclusters: [{name: c}]')
  const { users, clusters, currentContext } = mergeKubeconfigs([first, second, third])
  expect(users.get('a')?.token).toBe('first')
  expect(users.get('a')?.username).toBeUndefined()
  expect([...users.keys()].toSorted()).toEqual(['a', 'b'])
  expect(clusters.has('c')).toBe(true)
  expect(currentContext).toBe('two')
})

describe('chosenContext()', () => {
  test('the current one, or one by name', () => {
    const config = parse(usual('{token: t}'))
    expect(chosenContext(config)).toMatchObject({
      name: 'x',
      cluster: { server: 'https://h' },
      user: { token: 't' },
      namespace: 'team',
    })
    expect(() => chosenContext(config, 'y')).toThrow('not found for specified context: y')
    expect(() => chosenContext(parse('users: [{name: a}]'))).toThrow('no current context')
  })

  const exec = 'command: login, apiVersion: client.authentication.k8s.io/v1'
  const contexts = 'current-context: x\ncontexts: [{name: x, context: '
  test.for([
    { text: `${contexts}{cluster: c}}]`, says: 'cluster "c" was not found for context "x"' },
    { text: `${contexts}{user: u}}]`, says: 'cluster was not specified for context "x"' },
    { text: usual('{}', '{}'), says: 'no server found for cluster "c"' },
    { text: usual('{}', '{server: h, proxy-url: p}'), says: 'proxies are not supported' },
    {
      text: usual('{}', '{server: h, certificate-authority: f, certificate-authority-data: YQ==}'),
      says: 'certificate-authority and its data, wanted one of them',
    },
    {
      text: usual('{}', '{server: h, certificate-authority: f, insecure-skip-tls-verify: true}'),
      says: 'trusts everybody',
    },
    { text: usual('{token: t, username: jane}'), says: 'has token and basicAuth' },
    { text: usual('{client-certificate: f}'), says: 'without its key' },
    { text: usual('{client-key: f, client-key-data: YQ==}'), says: 'client-key and its data' },
    { text: usual('{as-groups: [g]}'), says: 'for nobody' },
    { text: usual('{auth-provider: {name: gcp}}'), says: 'auth-provider "gcp"' },
    { text: usual('{exec: {command: login, apiVersion: v0}}'), says: 'has apiVersion "v0"' },
    { text: usual(`{exec: {${exec}}}`), says: 'has no interactiveMode' },
    { text: usual(`{exec: {${exec}, interactiveMode: Maybe}}`), says: 'wanted Never, IfAvailable' },
    { text: usual(`{exec: {${exec}, interactiveMode: Always}}`), says: 'insists on talking' },
    { text: usual('{exec: {apiVersion: v0}}'), says: 'has no command' },
  ])('refused: $says', ({ text, says }) => {
    expect(() => chosenContext(parse(text))).toThrow(says)
  })
})
