/** What questions and answers of DNS are, whatever their form on the wire. */

export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  AXFR: 252,
  IXFR: 251,
  ANY: 255,
} as const

export const responseCodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const
export type ResponseCode = keyof typeof responseCodes

const typeNames = new Map<number, string>(
  Object.entries(recordTypes).map(([name, number]) => [number, name]),
)
const codeNames = new Map<number, string>(
  Object.entries(responseCodes).map(([name, number]) => [number, name]),
)

/** For figures: types that nobody has heard of shall not become labels of their own. */
export const typeName = (type: number): string => typeNames.get(type) ?? 'other'
export const codeName = (code: number): string => codeNames.get(code) ?? String(code)

export interface Question {
  readonly id: number
  readonly opcode: number
  /** Lower case, the outermost last. */
  readonly labels: readonly string[]
  readonly type: number
  readonly class: number
  readonly isRecursionDesired: boolean
  readonly isCheckingDisabled: boolean
  /** What the client can take beyond the first DNS, if it said so. */
  readonly extension: Extension | undefined
  /** Name, type and class as they came: they go back as they are. */
  readonly bytes: Buffer
}

export interface Extension {
  readonly sizeMax: number
  readonly version: number
  readonly wantsDnssec: boolean
}

interface Shared {
  /** As people write it, without a dot at the end. */
  readonly name: string
  readonly ttlSeconds: number
}

export type DnsRecord = Shared &
  (
    | { readonly type: 'A' | 'AAAA'; readonly address: string }
    | { readonly type: 'CNAME' | 'PTR' | 'NS'; readonly target: string }
    | {
        readonly type: 'SRV'
        readonly priority: number
        readonly weight: number
        readonly port: number
        readonly target: string
      }
    | { readonly type: 'TXT'; readonly text: string }
    | {
        readonly type: 'SOA'
        readonly server: string
        readonly mailbox: string
        readonly serial: number
        /** How long it may be remembered that there is nothing. */
        readonly minimumSeconds: number
      }
  )

export interface Reply {
  readonly code: ResponseCode
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
  /** Whether the zone is ours. */
  readonly isAuthoritative: boolean
}

export const emptyReply = (code: ResponseCode): Reply => ({
  code,
  answers: [],
  authority: [],
  additional: [],
  isAuthoritative: false,
})
