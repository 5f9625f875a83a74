/** The certificate that a kubelet shows: given by flags, or one that it signs for itself. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { issueAuthority, issueLeaf, newKey } from '#api/rules/certificate.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import { isMissing } from '../volumes/atomic-writer.ts'

export interface ServingCertificate {
  readonly cert: string
  readonly key: string
}

export interface OwnCertificateOptions {
  /** Such as `<root>/pki`; the files are named as upstream names them. */
  readonly directory: string
  readonly nodeName: string
  /** Addresses and names of the node. */
  readonly names: readonly string[]
  readonly clock: Clock
  readonly random: Random
}

const YEAR_MS = 365 * 86_400_000
/** A new one is made when an old one has no more than this left. */
const REMAINDER_MS = 30 * 86_400_000
const HOUR_MS = 3_600_000
const SERIAL_BYTES = 16

/** Kept on disk, so that those who remember it know the node again. */
export async function ownCertificate(options: OwnCertificateOptions): Promise<ServingCertificate> {
  const { directory, clock, names } = options
  const files = { cert: join(directory, 'kubelet.crt'), key: join(directory, 'kubelet.key') }
  const known = await readPair(files)
  if (known && isGood(known.cert, names, clock.now())) return known
  const made = selfSigned(options)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  // The key first: a certificate without its key would be of no use.
  await writeFile(files.key, made.key, { mode: 0o600 })
  await writeFile(files.cert, made.cert)
  return made
}

async function readPair(files: ServingCertificate): Promise<ServingCertificate | undefined> {
  try {
    const [cert, key] = await Promise.all([
      readFile(files.cert, 'utf8'),
      readFile(files.key, 'utf8'),
    ])
    const isPair = new X509Certificate(cert).publicKey.equals(createPublicKey(key))
    return isPair ? { cert, key } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isGood(cert: string, names: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(cert)
  if (Date.parse(certificate.validTo) - nowMs < REMAINDER_MS) return false
  return names.every((name) =>
    isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name),
  )
}

/** By an authority that is gone at once, as upstream does it. */
export function selfSigned(options: Omit<OwnCertificateOptions, 'directory'>): ServingCertificate {
  const { nodeName, names, clock, random } = options
  const [authorityKey, key] = [newKey(), newKey()]
  const now = clock.now()
  const validity = { notBefore: now - HOUR_MS, notAfter: now + YEAR_MS }
  const authority = issueAuthority({
    commonName: `${nodeName}-ca@${Math.floor(now / 1000)}`,
    key: authorityKey,
    validity,
    serial: random.bytes(SERIAL_BYTES),
  })
  const leaf = issueLeaf(
    { certificate: authority, key: authorityKey },
    {
      subject: { commonName: `${nodeName}@${Math.floor(now / 1000)}` },
      publicKey: createPublicKey(key),
      usages: ['server'],
      names,
      validity,
      serial: random.bytes(SERIAL_BYTES),
    },
  )
  return {
    cert: leaf.toString() + authority.toString(),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
