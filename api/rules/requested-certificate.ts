/** What a request for a certificate asks for, and which requests the cluster's signers fulfil. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { COMMON_NAME, ORGANIZATION, requestInfo, subjectValues } from './certificate-subject.ts'
import { type DerValue, derValues, objectIdentifier } from './der.ts'
import { bitString, sequence } from './der-writer.ts'

/** Tags of the names by which a certificate can be known, beside its subject. */
const tags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const
/** Others, such as names of directories, are left out of certificates. */
const known: ReadonlySet<number> = new Set(Object.values(tags))
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const ALT_NAMES = '2.5.29.17'

export interface RequestedCertificate {
  /** As DER. */
  readonly subject: Buffer
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly publicKey: KeyObject
  /** As DER. */
  readonly altNames: Buffer | undefined
  /** How many alternative names there are of each kind. */
  readonly count: Readonly<Record<keyof typeof tags, number>>
}

/** Throws an error that says what is wrong with the base64 text of the request. */
export function requestedCertificate(base64: string): RequestedCertificate {
  const { subject, publicKey, attributes } = requestInfo(base64)
  const names = attributes ? altNamesIn(attributes) : []
  const countOf = (tag: number): number => names.filter((name) => name.tag === tag).length
  const commonNames = subjectValues(subject, COMMON_NAME)
  return {
    subject: subject.raw,
    // Of several, readers take this one or that: nobody is to be mistaken for somebody else.
    commonName: commonNames.length === 1 ? commonNames[0]! : '',
    organizations: subjectValues(subject, ORGANIZATION),
    publicKey: createPublicKey({ key: publicKey.raw, format: 'der', type: 'spki' }),
    altNames: names.length > 0 ? sequence(...names.map(({ raw }) => raw)) : undefined,
    count: {
      email: countOf(tags.email),
      dns: countOf(tags.dns),
      uri: countOf(tags.uri),
      ip: countOf(tags.ip),
    },
  }
}

/** An attribute is a kind and a set of values; the extensions are the first value of theirs. */
function altNamesIn(attributes: DerValue): readonly DerValue[] {
  for (const { content } of derValues(attributes.content)) {
    const [kind, values] = derValues(content)
    if (!kind || !values || objectIdentifier(kind) !== EXTENSION_REQUEST) continue
    const [extensions] = derValues(values.content)
    for (const extension of extensions ? derValues(extensions.content) : []) {
      const parts = derValues(extension.content)
      if (objectIdentifier(parts[0]!) !== ALT_NAMES) continue
      const [names] = derValues(parts.at(-1)!.content)
      return names ? derValues(names.content).filter(({ tag }) => known.has(tag)) : []
    }
  }
  return []
}

// --- What may be asked for -----------------------------------------------------------------------

const NODES = 'system:nodes'
const NODE_PREFIX = 'system:node:'

/** The usages that a kubelet needs; keys that cannot encipher do without that one. */
const usagesFor = (auth: string): readonly string[] =>
  [auth, 'digital signature', 'key encipherment'].toSorted()

function usagesProblem(usages: readonly string[], auth: string): string | undefined {
  const given = [...new Set(usages)].toSorted()
  const wanted = usagesFor(auth)
  const isSame = (these: readonly string[]): boolean => given.join() === these.join()
  if (isSame(wanted) || isSame(wanted.filter((usage) => usage !== 'key encipherment'))) {
    return undefined
  }
  return `usages did not match [${wanted.join(' ')}]`
}

const isOfNodes = ({ organizations }: RequestedCertificate): boolean =>
  organizations.length === 1 && organizations[0] === NODES

const notOfNodes = 'subject organization is not system:nodes'
const notANode = 'subject common name does not begin with system:node:'

/** Why it is not what a kubelet shows to the API server; undefined when it is. */
export function kubeletClientProblem(
  request: RequestedCertificate,
  usages: readonly string[],
): string | undefined {
  const { dns, email, ip, uri } = request.count
  if (!isOfNodes(request)) return notOfNodes
  if (dns > 0) return 'DNS subjectAltNames are not allowed'
  if (email > 0) return 'Email subjectAltNames are not allowed'
  if (ip > 0) return 'IP subjectAltNames are not allowed'
  if (uri > 0) return 'URI subjectAltNames are not allowed'
  if (!request.commonName.startsWith(NODE_PREFIX)) return notANode
  return usagesProblem(usages, 'client auth')
}

/** Why it is not what a kubelet shows to its callers; undefined when it is. */
export function kubeletServingProblem(
  request: RequestedCertificate,
  usages: readonly string[],
): string | undefined {
  const { dns, email, ip, uri } = request.count
  if (!isOfNodes(request)) return notOfNodes
  if (dns === 0 && ip === 0) return 'DNS or IP subjectAltName is required'
  if (email > 0) return 'Email subjectAltNames are not allowed'
  if (uri > 0) return 'URI subjectAltNames are not allowed'
  const problem = usagesProblem(usages, 'server auth')
  if (problem) return problem
  return request.commonName.startsWith(NODE_PREFIX) ? undefined : notANode
}

/** Why it is not what any client may show to the API server; undefined when it is. */
export function clientUsagesProblem(usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth']
  const other = usages.find((usage) => !allowed.includes(usage))
  if (other !== undefined) return `invalid usage for client certificate: ${other}`
  if (usages.includes('client auth')) return undefined
  return 'missing required usage for client certificate: client auth'
}

// --- Usages as certificates have them ------------------------------------------------------------

/** By the words of the API: the number of the bit. */
const bits: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
}

const extended: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

/** The bits as DER, without zeros at the end; undefined when no usage is one of them. */
export function keyUsageOf(usages: readonly string[]): Buffer | undefined {
  const set = usages.flatMap((usage) => bits[usage] ?? [])
  if (set.length === 0) return undefined
  const last = Math.max(...set)
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1)
  for (const bit of set) bytes[Math.floor(bit / 8)]! |= 0x80 >> (bit % 8)
  return bitString(bytes, 7 - (last % 8))
}

export const extendedUsagesOf = (usages: readonly string[]): readonly string[] => [
  ...new Set(
    Object.keys(extended).flatMap((each) => (usages.includes(each) ? extended[each]! : [])),
  ),
]
