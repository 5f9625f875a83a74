/** Makes certificates: one for an authority, and those that it signs. */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto'
import { parseIp } from '../ip.ts'
import {
  type DerValue,
  derValues,
  objectIdentifier as identifierOf,
  onlyValue,
  SEQUENCE,
} from './der.ts'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  time,
  unsigned,
  utf8,
} from './der-writer.ts'

export interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
}

export interface Validity {
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

export type Usage = 'server' | 'client'

/** Who signs, and with what. */
export interface Authority {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

export interface LeafRequest {
  readonly subject: Subject
  readonly publicKey: KeyObject
  readonly usages: readonly Usage[]
  /** DNS names and IP addresses. */
  readonly names?: readonly string[]
  readonly validity: Validity
  /** Random bytes. */
  readonly serial: Uint8Array
}

/** What somebody else has worked out about a certificate, byte for byte. */
export interface PlainRequest {
  /** As DER, such as what a request holds. */
  readonly subject: Buffer
  readonly publicKey: KeyObject
  /** The bits of keyUsage, as DER; none where the key may be used for anything. */
  readonly keyUsage: Buffer | undefined
  /** Object identifiers. */
  readonly extendedUsages: readonly string[]
  /** As DER. */
  readonly altNames: Buffer | undefined
  readonly validity: Validity
  readonly serial: Uint8Array
}

export interface AuthorityRequest {
  readonly commonName: string
  /** Another authority above it; itself unless given. */
  readonly signer?: Authority
  readonly key: KeyObject
  readonly validity: Validity
  readonly serial: Uint8Array
}

const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const

/** Signature algorithms by type of key, with the parameters that each must or must not have. */
const signatures: Readonly<Record<string, Buffer>> = {
  ec: sequence(objectIdentifier('1.2.840.10045.4.3.2')),
  rsa: sequence(objectIdentifier('1.2.840.113549.1.1.11'), Buffer.from([0x05, 0x00])),
}

/** digitalSignature and keyEncipherment; of an authority, keyCertSign too. */
const leafUsage = bitString(Buffer.from([0xa0]), 5)
const authorityUsage = bitString(Buffer.from([0xa4]), 2)

const VERSION_3 = explicit(0, unsigned(Buffer.from([2])))
const EXTENSIONS_TAG = 0xa3
const DNS_NAME = 2
const IP_ADDRESS = 7

export const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

export function issueAuthority(request: AuthorityRequest): X509Certificate {
  const { commonName, key, validity, serial, signer } = request
  const name = nameOf({ commonName })
  const publicKey = createPublicKey(key)
  const id = keyId(publicKey)
  const issuer = signer ? subjectOf(signer.certificate) : name
  return signed(signer?.key ?? key, serial, issuer, validity, name, publicKey, [
    extension(oids.keyUsage, authorityUsage, 'critical'),
    extension(oids.basicConstraints, sequence(boolean(true)), 'critical'),
    extension(oids.subjectKeyId, octetString(id)),
    // Some clients take the common name of an authority for a host name, and want it confirmed.
    extension(oids.subjectAltName, altNames([commonName])),
  ])
}

export function issueLeaf(
  { certificate, key }: Authority,
  { subject, publicKey, usages, names = [], validity, serial }: LeafRequest,
): X509Certificate {
  const usage = sequence(...usages.map((each) => objectIdentifier(oids[each])))
  const authorityId = sequence(implicit(0, ownKeyId(certificate)))
  return signed(key, serial, subjectOf(certificate), validity, nameOf(subject), publicKey, [
    extension(oids.keyUsage, leafUsage, 'critical'),
    extension(oids.extendedKeyUsage, usage),
    extension(oids.basicConstraints, sequence(), 'critical'),
    extension(oids.authorityKeyId, authorityId),
    ...(names.length ? [extension(oids.subjectAltName, altNames(names))] : []),
  ])
}

/** Whatever is asked for, but never another authority. */
export function issuePlain(
  { certificate, key }: Authority,
  { subject, publicKey, keyUsage, extendedUsages, altNames: names, validity, serial }: PlainRequest,
): X509Certificate {
  const usages = sequence(...extendedUsages.map(objectIdentifier))
  const authorityId = sequence(implicit(0, ownKeyId(certificate)))
  return signed(key, serial, subjectOf(certificate), validity, subject, publicKey, [
    ...(keyUsage ? [extension(oids.keyUsage, keyUsage, 'critical')] : []),
    ...(extendedUsages.length ? [extension(oids.extendedKeyUsage, usages)] : []),
    extension(oids.basicConstraints, sequence(), 'critical'),
    extension(oids.authorityKeyId, authorityId),
    ...(names ? [extension(oids.subjectAltName, names)] : []),
  ])
}

function signed(
  key: KeyObject,
  serial: Uint8Array,
  issuer: Buffer,
  { notBefore, notAfter }: Validity,
  subject: Buffer,
  publicKey: KeyObject,
  extensions: readonly Buffer[],
): X509Certificate {
  const algorithm = signatures[key.asymmetricKeyType ?? '']
  if (!algorithm) {
    const type = key.asymmetricKeyType
    throw new Error(`sign certificate: key of the authority is "${type}", wanted "ec" or "rsa"`)
  }
  const content = sequence(
    VERSION_3,
    unsigned(serial),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  )
  return new X509Certificate(sequence(content, algorithm, bitString(sign('sha256', content, key))))
}

/** As DER. */
export function nameOf({ commonName, organizations = [] }: Subject): Buffer {
  const part = (oid: string, value: string): Buffer =>
    setOfOne(sequence(objectIdentifier(oid), utf8(value)))
  const parts = organizations.map((each) => part(oids.organization, each))
  return sequence(...parts, part(oids.commonName, commonName))
}

/** The name of an authority byte for byte, as those it signs must repeat it. */
const subjectOf = (certificate: X509Certificate): Buffer => fieldsOf(certificate)[4]!.raw

/** What is signed: serial, algorithm, issuer, validity, subject, public key, extensions. */
function fieldsOf({ raw }: X509Certificate): DerValue[] {
  const [content] = derValues(onlyValue(raw, SEQUENCE).content)
  const fields = derValues(content!.content)
  return fields[0]!.tag === VERSION_3[0] ? fields.slice(1) : fields
}

/** The identifier that an authority gives its key, which need not be the one we would give it. */
function ownKeyId(certificate: X509Certificate): Buffer {
  const wrapper = fieldsOf(certificate).find(({ tag }) => tag === EXTENSIONS_TAG)
  const extensions = wrapper ? derValues(onlyValue(wrapper.content, SEQUENCE).content) : []
  for (const { content } of extensions) {
    const parts = derValues(content)
    if (identifierOf(parts[0]!) !== oids.subjectKeyId) continue
    const [identifier] = derValues(parts.at(-1)!.content)
    return identifier!.content
  }
  return keyId(certificate.publicKey)
}

const extension = (oid: string, value: Buffer, critical?: 'critical'): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))

const altNames = (names: readonly string[]): Buffer => sequence(...names.map(altName))

function altName(name: string): Buffer {
  const ip = parseIp(name)
  if (!ip) return implicit(DNS_NAME, Buffer.from(name, 'latin1'))
  const digits = ip.value.toString(16).padStart(ip.family === 'IPv4' ? 8 : 32, '0')
  return implicit(IP_ADDRESS, Buffer.from(digits, 'hex'))
}

/** As RFC 5280 suggests: the SHA-1 of the key's own bits. */
function keyId(publicKey: KeyObject): Buffer {
  const info = publicKey.export({ type: 'spki', format: 'der' })
  const [, bits] = derValues(onlyValue(info, SEQUENCE).content)
  return createHash('sha1').update(bits!.content.subarray(1)).digest()
}
