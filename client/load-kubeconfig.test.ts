/** Credentials of every form, against servers that say what they were shown. */
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { answer, startScriptedServer } from '#test/scripted-server.ts'
import { Connection } from './connection.ts'
import { loadTarget } from './load-kubeconfig.ts'
import { Client } from './rest.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../test/fixtures/client-tls/${name}`, import.meta.url))

interface Folder extends AsyncDisposable {
  readonly path: string
  write(name: string, text: string): Promise<string>
}

async function newFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'nanokube-kubeconfig-'))
  return {
    path,
    async write(name, text) {
      await writeFile(join(path, name), text)
      return join(path, name)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

const configFor = (server: string, user: object, cluster: object = {}): string =>
  JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  })

/** Loads a kubeconfig and asks with it; each call makes a request of its own. */
async function asker(folder: Folder, config: string, clock = new ManualClock()) {
  const path = await folder.write('config', config)
  const environment = { PATH: process.env.PATH }
  const { server, credentials } = await loadTarget({ path, environment, clock })
  const connection = new Connection({ server, credentials, userAgent: 'tester/v1', clock })
  const client = new Client({ connection })
  return {
    clock,
    ask: async (): Promise<Record<string, unknown>> => JSON.parse(String(await client.raw('/'))),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

/** Answers with the headers of the request; a bearer token that begins with "old" is refused. */
const echo = () =>
  startScriptedServer(({ headers }, response) => {
    const isOld = headers.authorization?.startsWith('Bearer old')
    answer(response, isOld ? 401 : 200, headers)
  })

/** Answers with the name in the caller's certificate. */
async function startTlsServer() {
  const [key, cert, ca] = await Promise.all(
    ['server.key', 'server.crt', 'ca.crt'].map((name) => readFile(fixture(name))),
  )
  const server = createServer({
    key: key!,
    cert: cert!,
    ca: ca!,
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.on('request', ({ socket }, response) => {
    const { subject } = (socket as TLSSocket).getPeerCertificate()
    // Each request comes with a handshake of its own.
    answer(response, 200, { name: subject?.CN }, { connection: 'close' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('headers', () => {
  test.for([
    { user: { token: 't' }, authorization: 'Bearer t' },
    { user: { username: 'a', password: 'ü' }, authorization: 'Basic YTrDvA==' },
    { user: {}, authorization: undefined },
  ])('$user', async ({ user, authorization }) => {
    await using folder = await newFolder()
    await using server = await echo()
    await using asking = await asker(folder, configFor(server.url, user))
    expect((await asking.ask()).authorization).toBe(authorization)
  })

  test('acting for somebody else', async () => {
    await using folder = await newFolder()
    await using server = await echo()
    const extra = { 'Team/One': ['a', 'b'] }
    const user = { as: 'jane', 'as-uid': '7', 'as-groups': ['g', 'h'], 'as-user-extra': extra }
    await using asking = await asker(folder, configFor(server.url, user))
    expect(await asking.ask()).toMatchObject({
      'impersonate-user': 'jane',
      'impersonate-uid': '7',
      'impersonate-group': 'g, h',
      'impersonate-extra-team%2fone': 'a, b',
    })
  })

  test('a token file is read again after a while, or at once when it is not accepted', async () => {
    await using folder = await newFolder()
    await using server = await echo()
    const tokenFile = await folder.write('token', 'first\n')
    await using asking = await asker(
      folder,
      configFor(server.url, { token: 'not this', tokenFile }),
    )
    expect((await asking.ask()).authorization).toBe('Bearer first')
    await folder.write('token', 'second, longer')
    expect((await asking.ask()).authorization).toBe('Bearer first')
    asking.clock.jump(10_000)
    expect((await asking.ask()).authorization).toBe('Bearer second, longer')
    await folder.write('token', 'old')
    asking.clock.jump(10_000)
    await expect(asking.ask()).rejects.toMatchObject({ code: 401 })
    await folder.write('token', 'new')
    expect((await asking.ask()).authorization).toBe('Bearer new')
  })
})

describe('TLS', () => {
  test('authorities as data, a name of its own, and a certificate', async () => {
    await using folder = await newFolder()
    await using server = await startTlsServer()
    const authorities = (await readFile(fixture('ca.crt'))).toString('base64')
    const cluster = { 'certificate-authority-data': authorities, 'tls-server-name': 'api.test' }
    const user = { 'client-certificate': fixture('alice.crt'), 'client-key': fixture('alice.key') }
    await using asking = await asker(folder, configFor(server.url, user, cluster))
    expect(await asking.ask()).toEqual({ name: 'alice' })
  })

  test.for([
    { cluster: {}, says: 'certificate' },
    {
      cluster: { 'certificate-authority': fixture('ca.crt') },
      says: "does not match certificate's",
    },
  ])('not trusted: $says', async ({ cluster, says }) => {
    await using folder = await newFolder()
    await using server = await startTlsServer()
    await using asking = await asker(folder, configFor(server.url, {}, cluster))
    await expect(asking.ask()).rejects.toThrow(says)
  })

  test('trust in anybody has to be asked for', async () => {
    await using folder = await newFolder()
    await using server = await startTlsServer()
    const config = configFor(server.url, {}, { 'insecure-skip-tls-verify': true })
    await using asking = await asker(folder, config)
    expect(await asking.ask()).toEqual({})
  })

  test('a certificate that is renewed in its file is shown to the next connection', async () => {
    await using folder = await newFolder()
    await using server = await startTlsServer()
    const copy = async (name: string): Promise<void> => {
      await folder.write('user.crt', await readFile(fixture(`${name}.crt`), 'utf8'))
      await folder.write('user.key', await readFile(fixture(`${name}.key`), 'utf8'))
    }
    await copy('alice')
    const user = { 'client-certificate': 'user.crt', 'client-key': 'user.key' }
    const config = configFor(server.url, user, { 'insecure-skip-tls-verify': true })
    await using asking = await asker(folder, config)
    expect(await asking.ask()).toEqual({ name: 'alice' })
    await copy('bob')
    expect(await asking.ask()).toEqual({ name: 'bob' })
  })
})

describe('exec plugins', () => {
  const apiVersion = 'client.authentication.k8s.io/v1'
  const exec = (command: string, more: object = {}) => ({
    exec: { command, apiVersion, interactiveMode: 'IfAvailable', ...more },
  })
  const script = async (folder: Folder, lines: string): Promise<string> => {
    const path = await folder.write('login.sh', `#!/bin/sh\n${lines}\n`)
    await chmod(path, 0o755)
    return path
  }
  /** Lines of a script that print a credential, with the shell's variables in it replaced. */
  const credential = (status: string): string =>
    `cat <<END\n{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":${status}}\nEND`

  test('are asked once until what they said expires', async () => {
    await using folder = await newFolder()
    await using server = await echo()
    const status = '{"token":"t$count","expirationTimestamp":"2030-01-01T01:00:00Z"}'
    const counting = 'echo run >> "$0.runs"; count=$(grep -c run "$0.runs")'
    const path = await script(folder, `${counting}\n${credential(status)}`)
    await using asking = await asker(folder, configFor(server.url, exec(path)))
    const answers = await Promise.all([asking.ask(), asking.ask()])
    expect(answers.map(({ authorization }) => authorization)).toEqual(['Bearer t1', 'Bearer t1'])
    expect((await asking.ask()).authorization).toBe('Bearer t1')
    asking.clock.jump(3_600_000)
    expect((await asking.ask()).authorization).toBe('Bearer t2')
  })

  test('are asked anew when the server does not accept what they said', async () => {
    await using folder = await newFolder()
    await using server = await echo()
    const choosing = 'test -e "$0.ran" && token=fresh || token=old; touch "$0.ran"'
    const path = await script(folder, `${choosing}\n${credential('{"token":"$token"}')}`)
    await using asking = await asker(folder, configFor(server.url, exec(path)))
    expect((await asking.ask()).authorization).toBe('Bearer fresh')
    expect(server.requests).toHaveLength(2)
  })

  test('are told what they may know', async () => {
    await using folder = await newFolder()
    await using server = await echo()
    const telling = 'echo "$KUBERNETES_EXEC_INFO" > "$0.info"'
    const path = await script(folder, `${telling}\n${credential('{"token":"$A-$1"}')}`)
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { a: 1 } }]
    const env = [{ name: 'A', value: 'b' }]
    const user = exec(path, { args: ['arg'], env, provideClusterInfo: true })
    await using asking = await asker(folder, configFor(server.url, user, { extensions }))
    expect((await asking.ask()).authorization).toBe('Bearer b-arg')
    expect(JSON.parse(await readFile(`${path}.info`, 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion,
      spec: { cluster: { server: server.url, config: { a: 1 } }, interactive: false },
    })
  })

  test.for([
    { lines: 'echo no key >&2; exit 3', says: 'ended with 3: no key' },
    { lines: 'echo hello', says: 'its output is not JSON' },
    { lines: 'echo \'{"kind":"Pod"}\'', says: 'gave a Pod of undefined, wanted an ExecCredential' },
    { lines: credential('{}'), says: 'neither a token nor a certificate' },
    { lines: credential('{"clientCertificateData":"x"}'), says: 'half of a certificate' },
  ])('that fail say so: $says', async ({ lines, says }) => {
    await using folder = await newFolder()
    const path = await script(folder, lines)
    await using asking = await asker(folder, configFor('http://127.0.0.1:1', exec(path)))
    await expect(asking.ask()).rejects.toThrow(says)
  })

  test('that are missing say what to do', async () => {
    await using folder = await newFolder()
    const user = exec('no-such-program', { installHint: 'Install it.' })
    await using asking = await asker(folder, configFor('http://127.0.0.1:1', user))
    await expect(asking.ask()).rejects.toThrow(/"no-such-program": cannot be run: .*\nInstall it\./)
  })
})

describe('where it is found', () => {
  const clock = new ManualClock()

  test('KUBECONFIG lists files, some of which may be missing', async () => {
    await using folder = await newFolder()
    const one = await folder.write(
      'one',
      'current-context: x\nusers: [{name: u, user: {token: t}}]',
    )
    const two = await folder.write('two', configFor('localhost:8080', { token: 'other' }))
    const environment = { KUBECONFIG: ['', one, join(folder.path, 'none'), two, two].join(':') }
    const target = await loadTarget({ environment, clock })
    expect(target.server).toBe('http://localhost:8080')
    expect(await target.credentials.headers()).toEqual({ authorization: 'Bearer t' })
  })

  test('the home directory', async () => {
    await using folder = await newFolder()
    await mkdir(join(folder.path, '.kube'))
    await folder.write('.kube/config', configFor('https://h:6443', {}))
    const environment = { HOME: folder.path }
    expect((await loadTarget({ environment, clock })).server).toBe('https://h:6443')
  })

  test('a file that is asked for has to be there', async () => {
    const asked = loadTarget({ path: '/none/config', environment: {}, clock })
    await expect(asked).rejects.toThrow('/none/config: no such file')
  })

  test('inside a pod', async () => {
    await using folder = await newFolder()
    await folder.write('token', 'secret')
    await folder.write('ca.crt', 'authority')
    await folder.write('namespace', 'team\n')
    const environment = {
      HOME: folder.path,
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '443',
    }
    const options = { environment, clock, serviceAccountFolder: folder.path }
    const { server, credentials, namespace } = await loadTarget(options)
    expect([server, namespace]).toEqual(['https://[fd00::1]:443', 'team'])
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer secret' })
    const tls = await credentials.tls()
    expect(String(tls.ca)).toBe('authority')
    expect(await credentials.tls()).toBe(tls)
  })

  test('nothing anywhere', async () => {
    const asked = loadTarget({ environment: { HOME: '/none' }, clock })
    await expect(asked).rejects.toThrow('found none at /none/.kube/config, and this is not a pod')
  })
})
