/** An API server that speaks TLS and lets in nobody whom it does not know, and its clients. */
import { createPublicKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Authority, issueLeaf, newKey, type Subject } from '#api/rules/certificate.ts'
import type { Authorizer } from '#apiserver/auth/authorizer.ts'
import type { CredentialSettings } from '#apiserver/auth/credentials.ts'
import { type KeyPair, Pki } from '#apiserver/pki/pki.ts'
import { type Clock, ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { collectingLog } from './collecting-log.ts'
import { testCredentials } from './credentials.ts'
import type { Answer } from './json-client.ts'

/** Everybody who is known may do everything; the others may ask for health and version. */
const allowKnownUsers: Authorizer = {
  authorize(user, info) {
    const isKnown = !user.groups.includes('system:unauthenticated')
    return { allowed: isKnown || (!info.isResource && openPaths.test(info.path)) }
  },
}

const openPaths = /^\/(healthz|livez|readyz|version)(\/|$)/

export interface SecureServer extends AsyncDisposable {
  readonly url: string
  readonly test: TestServer
  readonly pki: Pki
  /** Where its keys and certificates are. */
  readonly directory: string
  readonly clock: ManualClock
  ask(path: string, how?: Request): Promise<Answer>
}

export interface Request {
  readonly method?: string
  readonly token?: string
  readonly headers?: OutgoingHttpHeaders
  /** What the client shows. */
  readonly shows?: KeyPair
  readonly body?: unknown
}

export interface SecureOptions {
  readonly credentials?: Partial<CredentialSettings>
  readonly authorizer?: Authorizer
  readonly anonymous?: boolean
}

/** OpenSSL looks at the machine's clock, so the server's starts there too. */
const secureClock = (): ManualClock => new ManualClock(Math.floor(Date.now() / 1000) * 1000)

export async function startSecureServer(options: SecureOptions = {}): Promise<SecureServer> {
  const clock = secureClock()
  await using started = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'nanokube-secure-'))
  started.defer(() => rm(root, { recursive: true }))
  const directory = join(root, 'pki')
  const pki = await openTestPki(directory, clock)
  const credentials: CredentialSettings = {
    ...testCredentials,
    clientCa: pki.authority('ca'),
    frontProxy: {
      ca: pki.authority('front-proxy-ca'),
      allowedNames: ['front-proxy-client'],
      usernameHeaders: ['X-Remote-User'],
      uidHeaders: ['X-Remote-Uid'],
      groupHeaders: ['X-Remote-Group'],
      extraHeaderPrefixes: ['X-Remote-Extra-'],
    },
    ...options.credentials,
  }
  const clientCa = [pki.authority('ca'), pki.authority('front-proxy-ca')]
  const test = started.use(
    await startTestServer({
      clock,
      settings: {
        credentials,
        authenticators: [],
        authorizer: options.authorizer ?? allowKnownUsers,
        ...(options.anonymous !== undefined && { anonymous: options.anonymous }),
        tls: { ...pki.serving, clientCa },
      },
    }),
  )
  const url = test.url.replace('http:', 'https:')
  const parts = started.move()
  return {
    url,
    test,
    pki,
    directory,
    clock,
    ask: (path, how) => ask(url + path, pki.authority('ca'), how),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const openTestPki = (directory: string, clock: Clock): Promise<Pki> =>
  Pki.open({
    directory,
    names: ['localhost', '127.0.0.1'],
    clock,
    random: seededRandom(3),
    log: collectingLog([]),
  })

/** A certificate for a client, in PEM form with its key. */
export function clientPair(authority: Authority, subject: Subject, notAfter: number): KeyPair {
  const key = newKey()
  const certificate = issueLeaf(authority, {
    subject,
    publicKey: createPublicKey(key),
    usages: ['client'],
    validity: { notBefore: notAfter - 7_200_000, notAfter },
    serial: Buffer.from([1, 2, 3]),
  })
  return {
    cert: certificate.toString(),
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  }
}

/** On a connection of its own. */
async function ask(url: string, ca: string, how: Request = {}): Promise<Answer> {
  const { method = 'GET', token, headers = {}, shows, body } = how
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request(url, {
    method,
    agent: false,
    ca,
    ...shows,
    headers: {
      'user-agent': 'tests/1',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  outgoing.on('error', reject)
  outgoing.on('response', async (incoming) => {
    const received = await text(incoming)
    const isJson = incoming.headers['content-type']?.includes('json') ?? false
    const lines = Object.entries(incoming.headersDistinct)
    resolve({
      status: incoming.statusCode ?? 0,
      headers: new Headers(lines.flatMap(([name, all]) => all!.map((each) => [name, each]))),
      body: isJson ? JSON.parse(received) : received,
    })
  })
  // Not a text: Node would write the headers in its encoding too.
  outgoing.end(body === undefined ? undefined : Buffer.from(JSON.stringify(body)))
  return await promise
}
