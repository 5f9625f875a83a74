/** Secrets: how texts become bytes, and the keys that each type of secret needs. */
import { Buffer } from 'node:buffer'
import { parseJson } from '../json.ts'
import { isConfigMapKey } from '../names.ts'
import type { Path, Problems } from '../problems.ts'
import type { Metadata } from './object-meta.ts'

/** Of the values together, so that one object cannot fill the store. */
const MAX_SIZE = 1024 * 1024

interface SecretData {
  metadata: Metadata
  type: string
  data?: Record<string, string>
  stringData?: Record<string, string>
}

/** Texts are only a way to write; what is stored are bytes. */
export function foldTexts(secret: SecretData): void {
  const { stringData } = secret
  if (!stringData) return
  const data = { ...secret.data }
  for (const [key, text] of Object.entries(stringData)) {
    data[key] = Buffer.from(text).toString('base64')
  }
  secret.data = data
  delete secret.stringData
}

export function checkSecret(secret: SecretData, at: Path, problems: Problems): void {
  const { data = {} } = secret
  const place = at.child('data')
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const message of isConfigMapKey(key)) problems.invalid(place.key(key), key, message)
    size += Buffer.byteLength(value, 'base64')
  }
  if (size > MAX_SIZE) problems.tooLong(place, MAX_SIZE)
  checkType(secret, at, problems)
}

function checkType({ type, metadata, data = {} }: SecretData, at: Path, problems: Problems): void {
  const has = (key: string) => Object.hasOwn(data, key)
  const need = (key: string) => problems.required(at.child('data').key(key))
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const annotation = 'kubernetes.io/service-account.name'
      if (!metadata.annotations?.[annotation]) {
        problems.required(at.child('metadata').child('annotations').key(annotation))
      }
      break
    }
    case 'kubernetes.io/dockercfg':
      checkJson(data, '.dockercfg', at, problems)
      break
    case 'kubernetes.io/dockerconfigjson':
      checkJson(data, '.dockerconfigjson', at, problems)
      break
    case 'kubernetes.io/basic-auth':
      if (has('username') || has('password')) break
      need('username')
      need('password')
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) need('ssh-privatekey')
      break
    case 'kubernetes.io/tls':
      if (!has('tls.crt')) need('tls.crt')
      if (!has('tls.key')) need('tls.key')
      break
    default:
  }
}

/** The value must be a JSON object; it never appears in a message. */
function checkJson(data: Record<string, string>, key: string, at: Path, problems: Problems): void {
  const place = at.child('data').key(key)
  const value = data[key]
  if (value === undefined) {
    problems.required(place)
    return
  }
  const message = jsonObjectProblem(Buffer.from(value, 'base64'))
  if (message) problems.invalid(place, '<secret contents redacted>', message)
}

function jsonObjectProblem(text: Uint8Array): string | undefined {
  let parsed: unknown
  try {
    parsed = parseJson(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (parsed === null || (typeof parsed === 'object' && !Array.isArray(parsed))) return undefined
  const found = Array.isArray(parsed) ? 'array' : goNames[typeof parsed]
  return `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`
}

const goNames: Record<string, string> = { string: 'string', number: 'number', boolean: 'bool' }
