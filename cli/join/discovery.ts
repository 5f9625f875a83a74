/**
 * Whom to trust in a cluster that we only know a token and a hash of, as kubeadm does it: what its
 * API server says of itself is signed with the token, and its authority has the key with that hash.
 */
import { createHash, createHmac, timingSafeEqual, X509Certificate } from 'node:crypto'
import { parseYaml } from '#api/yaml.ts'
import { CommandError } from '../command.ts'

export interface Token {
  readonly id: string
  readonly secret: string
}

/** What is known of a cluster before anything of it is trusted. */
export interface Invitation {
  readonly token: Token
  /** Of keys of authorities, as `sha256:…`; one of them has to be that of the cluster. */
  readonly hashes: readonly string[]
}

export interface Discovered {
  /** Where the API server says that it is. */
  readonly server: string
  /** As PEM. */
  readonly authority: string
}

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const HASH = /^sha256:[0-9a-f]{64}$/i
const NEW_TOKEN = 'Make a new one where the control plane runs: nanokube token create'
const SAME_CLUSTER = 'Take the whole command that the control plane writes: nanokube token create'

export function parseToken(text: string): Token {
  const [, id, secret] = TOKEN.exec(text) ?? []
  if (id !== undefined && secret !== undefined) return { id, secret }
  throw new CommandError(
    '--token: wanted 6 and 16 lower-case letters and digits with a dot between them',
    NEW_TOKEN,
  )
}

export function parseHash(text: string): string {
  if (HASH.test(text)) return text.toLowerCase()
  throw new CommandError(
    `--discovery-token-ca-cert-hash: found "${text}", wanted sha256: and 64 hexadecimal digits`,
    SAME_CLUSTER,
  )
}

/** As kubeadm has it: of the key, so that a renewed certificate keeps it. */
export function publicKeyHash(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}

/** Pure: what is in the data of cluster-info; throws where anything of it is not to be trusted. */
export function verified(
  data: Readonly<Record<string, string>>,
  { token, hashes }: Invitation,
): Discovered {
  const content = data.kubeconfig
  if (!content) {
    throw new CommandError(
      'cluster-info: there is no kubeconfig in it',
      'See whether its control plane is healthy: nanokube status, on its machine',
    )
  }
  const signature = data[`jws-kubeconfig-${token.id}`]
  if (!signature) {
    throw new CommandError(`token "${token.id}": the cluster does not know it any more`, NEW_TOKEN)
  }
  if (!isSignature(signature, content, token)) {
    throw new CommandError(
      `token "${token.id}": its secret is not the one that the cluster signs with`,
      `Somebody may stand between here and the cluster, or the token is mistyped. ${SAME_CLUSTER}`,
    )
  }
  const entry = clusterIn(content)
  const found = certificatesIn(entry.authority)
  // Whoever else is in the bundle is not who was asked for.
  const meant = found.filter((each) => hashes.includes(publicKeyHash(each)))
  if (meant.length === 0) {
    const keys = found.map(publicKeyHash).join(', ') || 'none'
    throw new CommandError(
      `authority of the cluster: found the key ${keys}, wanted ${hashes.join(' or ')}`,
      SAME_CLUSTER,
    )
  }
  return { server: entry.server, authority: meant.join('') }
}

/** Made again, since it is detached from its content. */
function isSignature(text: string, content: string, { id, secret }: Token): boolean {
  const [header = '', empty, signature = '', ...more] = text.split('.')
  if (empty !== '' || more.length > 0) return false
  if (!isHeaderOf(header, id)) return false
  const signed = `${header}.${Buffer.from(content).toString('base64url')}`
  const wanted = createHmac('sha256', secret).update(signed).digest()
  const given = Buffer.from(signature, 'base64url')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function isHeaderOf(text: string, id: string): boolean {
  try {
    const header = JSON.parse(Buffer.from(text, 'base64url').toString())
    return header?.alg === 'HS256' && header?.kid === id
  } catch {
    return false
  }
}

function clusterIn(content: string): Discovered {
  const config = parseYaml(content).value as
    | { readonly clusters?: readonly { readonly cluster?: Readonly<Record<string, unknown>> }[] }
    | undefined
  const cluster = config?.clusters?.[0]?.cluster
  const { server, 'certificate-authority-data': data } = cluster ?? {}
  if (typeof server !== 'string' || typeof data !== 'string') {
    throw new CommandError('cluster-info: wanted a server and its authority in its kubeconfig')
  }
  return { server, authority: Buffer.from(data, 'base64').toString() }
}

const certificatesIn = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? []
