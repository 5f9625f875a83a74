/**
 * The keys and certificates of a cluster: its own authority is made at the first start, and from it
 * what the server shows, and what it and its first user show to others.
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import path from 'node:path'
import { type Authority, issueAuthority, issueLeaf, newKey } from '#api/rules/certificate.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import {
  CERTIFICATE_MODE,
  createOnce,
  KEY_MODE,
  makePrivateDirectory,
  readPrivate,
  readText,
  removeAbandonedDrafts,
  replaceFile,
} from './files.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { type Leaf, leaves } from './leaves.ts'

export interface PkiOptions {
  readonly directory: string
  /** What the serving certificate is good for beside the names that every cluster has. */
  readonly names: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** A certificate with its key, both as PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const AUTHORITY_LIFE_MS = 3650 * DAY_MS
const LEAF_LIFE_MS = 365 * DAY_MS
/** Renewed when less than this part of its life is left. */
const RENEWAL_SHARE = 1 / 3
/** Clocks of clients may be slow. */
const BACKDATE_MS = HOUR_MS
const SERIAL_BYTES = 16

const authorityNames = { ca: 'kubernetes', 'front-proxy-ca': 'front-proxy-ca' } as const
export type AuthorityName = keyof typeof authorityNames

export class Pki {
  readonly #options: PkiOptions
  readonly #authorities: Readonly<Record<AuthorityName, Authority>>
  readonly #pairs = new Map<string, KeyPair>()
  /** The key that signs tokens of service accounts, as PEM. */
  readonly serviceAccountKey: string
  #serverUrl: string | undefined
  #areKubeconfigsOld = false

  private constructor(
    options: PkiOptions,
    authorities: Readonly<Record<AuthorityName, Authority>>,
    serviceAccountKey: string,
  ) {
    this.#options = options
    this.#authorities = authorities
    this.serviceAccountKey = serviceAccountKey
  }

  /** Makes what is missing and renews what is about to expire. */
  static async open(options: PkiOptions): Promise<Pki> {
    await makePrivateDirectory(options.directory)
    const [ca, frontProxyCa, serviceAccountKey] = await Promise.all([
      openAuthority(options, 'ca'),
      openAuthority(options, 'front-proxy-ca'),
      openServiceAccountKey(options.directory),
    ])
    const pki = new Pki(options, { ca, 'front-proxy-ca': frontProxyCa }, serviceAccountKey)
    await pki.renew()
    return pki
  }

  /** The certificate of an authority as PEM. */
  authority(name: AuthorityName): string {
    return this.#authorities[name].certificate.toString()
  }

  /** One of `leaves`, by its name. */
  pair(name: string): KeyPair {
    return this.#pairs.get(name)!
  }

  get serving(): KeyPair {
    return this.pair('apiserver')
  }

  /** What the server shows to kubelets. */
  get kubeletClient(): KeyPair {
    return this.pair('apiserver-kubelet-client')
  }

  /** What the server shows to extension servers that it forwards requests to. */
  get frontProxyClient(): KeyPair {
    return this.pair('front-proxy-client')
  }

  /** Issues again what is missing, wrong or due; answers whether anything was. */
  async renew(): Promise<boolean> {
    await removeAbandonedDrafts(this.#options.directory, this.#options.clock.now())
    const renewed = await settleAll(leaves.map((leaf) => this.#renewLeaf(leaf)))
    const isAny = renewed.includes(true)
    if (isAny) this.#areKubeconfigsOld = true
    if (this.#areKubeconfigsOld && this.#serverUrl) await this.writeKubeconfigs(this.#serverUrl)
    return isAny
  }

  /** Milliseconds until something is due. */
  get renewalInMs(): number {
    if (this.#areKubeconfigsOld && this.#serverUrl) return 0
    const due = [...this.#pairs.values()].map(({ cert }) => renewalTime(new X509Certificate(cert)))
    return Math.min(...due) - this.#options.clock.now()
  }

  /** How to reach the server at this address, for each of its first users. */
  async writeKubeconfigs(serverUrl: string): Promise<void> {
    this.#serverUrl = serverUrl
    await settleAll(
      leaves.filter(({ kubeconfig }) => kubeconfig).map((leaf) => this.#writeKubeconfig(leaf)),
    )
    this.#areKubeconfigsOld = false
  }

  async #writeKubeconfig({ name, subject }: Leaf): Promise<void> {
    const text = kubeconfigText({
      server: this.#serverUrl!,
      authority: this.authority('ca'),
      user: subject.commonName,
      ...this.#pairs.get(name)!,
    })
    const file = path.join(this.#options.directory, `${name}.kubeconfig`)
    if ((await readPrivate(file)) !== text) await replaceFile(file, text, KEY_MODE)
  }

  async #renewLeaf(leaf: Leaf): Promise<boolean> {
    const { directory, clock } = this.#options
    const authority = this.#authorities[leaf.authority]
    const names = leaf.isServing ? this.#options.names : []
    const [keyFile, certFile] = filesOf(directory, leaf.name)
    const [key, cert] = await Promise.all([readPrivate(keyFile), readText(certFile)])
    if (key && cert && isGood({ key, cert }, authority, names, clock.now())) {
      this.#pairs.set(leaf.name, { key, cert })
      return false
    }
    const pair = this.#issue(leaf, names)
    await replaceFile(keyFile, pair.key, KEY_MODE)
    await replaceFile(certFile, pair.cert, CERTIFICATE_MODE)
    this.#pairs.set(leaf.name, pair)
    return true
  }

  #issue({ authority: name, subject, usages }: Leaf, names: readonly string[]): KeyPair {
    const { clock, random } = this.#options
    const authority = this.#authorities[name]
    const key = newKey()
    const now = clock.now()
    const notAfter = Math.min(now + LEAF_LIFE_MS, authority.certificate.validToDate.getTime())
    const certificate = issueLeaf(authority, {
      subject,
      publicKey: createPublicKey(key),
      usages,
      names,
      validity: { notBefore: now - BACKDATE_MS, notAfter },
      serial: random.bytes(SERIAL_BYTES),
    })
    return { cert: certificate.toString(), key: pemOf(key) }
  }
}

async function openAuthority(
  { directory, clock, random, log }: PkiOptions,
  name: AuthorityName,
): Promise<Authority> {
  const [keyFile, certFile] = filesOf(directory, name)
  // The certificate is written last: a key without one was never used.
  const presentKey = await readPrivate(keyFile)
  const presentCert = await readText(certFile)
  if (presentCert !== undefined && presentKey === undefined) {
    throw new Error(`open PKI: "${certFile}" has no key beside it, wanted "${keyFile}"`)
  }
  const keyText = presentKey ?? (await createOnce(keyFile, pemOf(newKey()), KEY_MODE))
  const key = readKey(keyFile, keyText)
  const now = clock.now()
  const fresh = (): string =>
    issueAuthority({
      commonName: authorityNames[name],
      key,
      validity: { notBefore: now - BACKDATE_MS, notAfter: now + AUTHORITY_LIFE_MS },
      serial: random.bytes(SERIAL_BYTES),
    }).toString()
  const text = presentCert ?? (await createOnce(certFile, fresh(), CERTIFICATE_MODE))
  const certificate = readCertificate(certFile, text)
  checkAuthority(certFile, certificate, key, now)
  const left = certificate.validToDate.getTime() - now
  if (left < LEAF_LIFE_MS) {
    log.warn('a certificate authority expires within a year', { file: certFile, leftMs: left })
  }
  return { certificate, key }
}

function checkAuthority(
  file: string,
  certificate: X509Certificate,
  key: KeyObject,
  now: number,
): void {
  if (!certificate.ca) throw new Error(`open PKI: "${file}" is no authority, wanted CA:TRUE`)
  if (!certificate.checkPrivateKey(key)) {
    throw new Error(`open PKI: "${file}" belongs to another key, wanted the one beside it`)
  }
  if (certificate.validToDate.getTime() <= now) {
    const was = certificate.validToDate.toISOString()
    throw new Error(
      `open PKI: "${file}" expired on ${was}; move the directory away to make a new authority`,
    )
  }
}

async function openServiceAccountKey(directory: string): Promise<string> {
  const file = path.join(directory, 'sa.key')
  const text = (await readPrivate(file)) ?? (await createOnce(file, pemOf(newKey()), KEY_MODE))
  const publicText = createPublicKey(readKey(file, text)).export({ type: 'spki', format: 'pem' })
  const publicFile = path.join(directory, 'sa.pub')
  if ((await readText(publicFile)) !== publicText) {
    await replaceFile(publicFile, String(publicText), CERTIFICATE_MODE)
  }
  return text
}

function isGood(
  { key, cert }: KeyPair,
  authority: Authority,
  names: readonly string[],
  now: number,
): boolean {
  try {
    const certificate = new X509Certificate(cert)
    return (
      certificate.checkIssued(authority.certificate) &&
      certificate.verify(authority.certificate.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      names.every((name) => certificate.checkHost(name) || certificate.checkIP(name)) &&
      now < renewalTime(certificate)
    )
  } catch {
    return false // Unreadable is as good as missing: these are made again from the authority.
  }
}

function renewalTime({ validFromDate, validToDate }: X509Certificate): number {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()]
  return to - (to - from) * RENEWAL_SHARE
}

const filesOf = (directory: string, name: string): [key: string, cert: string] => [
  path.join(directory, `${name}.key`),
  path.join(directory, `${name}.crt`),
]

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))

function readKey(file: string, text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw new Error(`open PKI: "${file}" is no private key, wanted one in PEM form`, { cause })
  }
}

function readCertificate(file: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (cause) {
    throw new Error(`open PKI: "${file}" is no certificate, wanted one in PEM form`, { cause })
  }
}
