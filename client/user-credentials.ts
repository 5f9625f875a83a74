/** From a cluster and a user of a kubeconfig to headers and certificates, as they are right now. */
import type { Clock } from '#daemon/clock.ts'
import { type Credentials, RenewedFile, type TlsMaterial } from './credentials.ts'
import { ExecPlugin, type ExecPluginParts } from './exec-plugin.ts'
import type { Cluster, User } from './kubeconfig.ts'

/** Tokens are renewed long before they expire; looking at each request would cost too much. */
const TOKEN_CHECK_MS = 10_000

export function userCredentials(cluster: Cluster, user: User, parts: ExecPluginParts): Credentials {
  const plugin = user.exec?.command ? new ExecPlugin(user.exec, cluster, parts) : undefined
  const token = user.tokenFile ? new TokenFile(user.tokenFile, parts.clock) : undefined
  const fixed = { ...basic(user), ...(!token && bearer(user.token)), ...impersonation(user) }
  const material = new CurrentTls(cluster, user, plugin)
  return {
    async headers() {
      if (token) return { ...fixed, ...bearer(await token.read()) }
      if (plugin) return { ...fixed, ...bearer((await plugin.credential()).token) }
      return fixed
    },
    tls: () => material.read(),
    async renew() {
      plugin?.forget()
      return plugin !== undefined || ((await token?.renew()) ?? false)
    },
  }
}

const bearer = (token: string | undefined) => ({
  ...(token && { authorization: `Bearer ${token}` }),
})

function basic({ username, password }: User) {
  if (!username && !password) return {}
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

function impersonation(user: User) {
  const extras = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
    values,
  ])
  return {
    ...(user.as && { 'impersonate-user': user.as }),
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups']?.length && { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extras),
  }
}

/** A token that others renew in its file, as the kubelet does with those of pods. */
export class TokenFile {
  readonly #file: RenewedFile
  readonly #clock: Clock
  #checkedAt = -Infinity
  #token = ''

  constructor(path: string, clock: Clock) {
    this.#file = new RenewedFile(path)
    this.#clock = clock
  }

  async read(): Promise<string> {
    const now = this.#clock.monotonic()
    if (now - this.#checkedAt < TOKEN_CHECK_MS) return this.#token
    this.#token = (await this.#file.read()).toString().trim()
    this.#checkedAt = now
    return this.#token
  }

  /** Whether there is another token than the one that was not accepted. */
  async renew(): Promise<boolean> {
    const before = this.#token
    this.#checkedAt = -Infinity
    return (await this.read()) !== before
  }
}

/** Files are looked at for each connection; while they stay the same, so does the value. */
class CurrentTls {
  readonly #fixed: TlsMaterial
  readonly #files: Readonly<Partial<Record<'ca' | 'cert' | 'key', RenewedFile>>>
  readonly #plugin: ExecPlugin | undefined
  #current: TlsMaterial = {}

  constructor(cluster: Cluster, user: User, plugin: ExecPlugin | undefined) {
    this.#plugin = plugin
    this.#fixed = {
      ...decoded('ca', cluster['certificate-authority-data']),
      ...decoded('cert', user['client-certificate-data']),
      ...decoded('key', user['client-key-data']),
      ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
      ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
    }
    this.#files = {
      ...file('ca', cluster['certificate-authority']),
      ...file('cert', user['client-certificate']),
      ...file('key', user['client-key']),
    }
  }

  async read(): Promise<TlsMaterial> {
    const read = await Promise.all(
      Object.entries(this.#files).map(async ([name, each]) => [name, await each.read()]),
    )
    const { cert, key } = (await this.#plugin?.credential()) ?? {}
    const given = { ...(cert && { cert }), ...(key && { key }) }
    const next: TlsMaterial = { ...this.#fixed, ...Object.fromEntries(read), ...given }
    if (!isSame(this.#current, next)) this.#current = next
    return this.#current
  }
}

const decoded = (name: string, data: string | null | undefined) =>
  data ? { [name]: Buffer.from(data, 'base64') } : {}

const file = (name: string, path: string | undefined) =>
  path ? { [name]: new RenewedFile(path) } : {}

function isSame(a: TlsMaterial, b: TlsMaterial): boolean {
  const names = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const
  return names.every((name) => a[name] === b[name])
}
