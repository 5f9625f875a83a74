/** Requests for certificates as programs make them: PKCS#10 in PEM form, signed with a new key. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { newKey } from '#api/rules/certificate.ts'
import {
  bitString,
  implicit,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  unsigned,
  utf8,
} from '#api/rules/der-writer.ts'

export interface Asked {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly dnsNames?: readonly string[]
}

const CONSTRUCTED = 0x20
const DNS_NAME = 2

/** The request as objects hold it, in base64, and the key that it is for. */
export function certificateRequest(asked: Asked): { request: string; key: KeyObject } {
  const { commonName, organizations = [], dnsNames = [] } = asked
  const key = newKey()
  const part = (oid: string, value: string): Buffer =>
    setOfOne(sequence(objectIdentifier(oid), utf8(value)))
  const subject = sequence(
    ...organizations.map((each) => part('2.5.4.10', each)),
    part('2.5.4.3', commonName),
  )
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const info = sequence(unsigned(Buffer.alloc(1)), subject, spki, attributes(dnsNames))
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
  const whole = sequence(info, algorithm, bitString(sign('sha256', info, key)))
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n')
  const text = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`
  return { request: Buffer.from(text).toString('base64'), key }
}

function attributes(dnsNames: readonly string[]): Buffer {
  const names = dnsNames.map((name) => implicit(DNS_NAME, Buffer.from(name, 'latin1')))
  const extension = sequence(objectIdentifier('2.5.29.17'), octetString(sequence(...names)))
  const wanted = sequence(objectIdentifier('1.2.840.113549.1.9.14'), setOfOne(sequence(extension)))
  return implicit(CONSTRUCTED, names.length > 0 ? wanted : Buffer.alloc(0))
}
