/** Which names are valid, and upstream's words for those that are not; each is scanned once. */
import {
  configKey,
  dns1035Label,
  dnsLabel,
  eachPartFits,
  fits,
  headerName,
  identifier,
  keyName,
  looseDnsLabel,
  portName,
  underscoreLabel,
} from './name-shapes.ts'

/** Says what is wrong with a name; `isPrefix` when characters are still to be appended to it. */
export type NameRule = (name: string, isPrefix?: boolean) => string[]

const LABEL_MAX_LENGTH = 63
const SUBDOMAIN_MAX_LENGTH = 253

/** Lengths are counted in bytes of UTF-8. */
function tooLong(value: string, max: number): string[] {
  const isLong = value.length > max || (value.length * 3 > max && Buffer.byteLength(value) > max)
  return isLong ? [`must be no more than ${max} bytes`] : []
}

/** Upstream's hint: what is wanted, examples, and the pattern. */
export function patternMessage(message: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  const prefix = shown ? `e.g. ${shown}` : ''
  return `${message} (${prefix}regex used for validation is '${pattern}')`
}

const LABEL_PATTERN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_PATTERN = `${LABEL_PATTERN}(\\.${LABEL_PATTERN})*`
const UNDERSCORE_PATTERN = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const KEY_PATTERN = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const EMPTY = 'must be non-empty'

const labelMessage = patternMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_PATTERN,
  'my-name',
  '123-abc',
)
const subdomainMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_PATTERN,
  'example.com',
)
const looseSubdomainMessage = patternMessage(
  "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_PATTERN,
  'Example.com',
)
const underscoreSubdomainMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${UNDERSCORE_PATTERN}(\\.${UNDERSCORE_PATTERN})*`,
  'example.com',
)
const wildcardMessage = patternMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${SUBDOMAIN_PATTERN}`,
  '*.example.com',
)
const dns1035Message = patternMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
)
const keyMessage = patternMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  KEY_PATTERN,
  'MyName',
  'my.name',
  '123-abc',
)
const labelValueMessage = patternMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${KEY_PATTERN})?`,
  'MyValue',
  'my_value',
  '12345',
)

export function isDnsLabel(value: string): string[] {
  const problems = tooLong(value, LABEL_MAX_LENGTH)
  if (fits(value, dnsLabel)) return problems
  return [...problems, eachPartFits(value, dnsLabel) ? 'must not contain dots' : labelMessage]
}

export function isDnsSubdomain(value: string): string[] {
  const problems = tooLong(value, SUBDOMAIN_MAX_LENGTH)
  return eachPartFits(value, dnsLabel) ? problems : [...problems, subdomainMessage]
}

/** Upper case allowed: only for fields that have always allowed it. */
export function isDnsSubdomainCaseless(value: string): string[] {
  const problems = tooLong(value, SUBDOMAIN_MAX_LENGTH)
  return eachPartFits(value, looseDnsLabel) ? problems : [...problems, looseSubdomainMessage]
}

export function isDnsSubdomainWithUnderscore(value: string): string[] {
  const problems = tooLong(value, SUBDOMAIN_MAX_LENGTH)
  const isValid = value.split('.').every((part) => fits(part.replace(/^_/, ''), underscoreLabel))
  return isValid ? problems : [...problems, underscoreSubdomainMessage]
}

export function isWildcardDnsSubdomain(value: string): string[] {
  const problems = tooLong(value, SUBDOMAIN_MAX_LENGTH)
  const isValid = value.startsWith('*.') && eachPartFits(value, dnsLabel, 2)
  return isValid ? problems : [...problems, wildcardMessage]
}

export function isDns1035Label(value: string): string[] {
  const problems = tooLong(value, LABEL_MAX_LENGTH)
  return fits(value, dns1035Label) ? problems : [...problems, dns1035Message]
}

/** Label keys, annotation keys, finalizers, taints: an optional DNS prefix and a name. */
export function isQualifiedName(value: string): string[] {
  const slash = value.indexOf('/')
  if (value.includes('/', slash + 1) && slash !== -1) {
    const hint = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    return [`a valid label key ${keyMessage} ${hint}`]
  }
  const problems: string[] = []
  if (slash === 0) problems.push(`prefix part ${EMPTY}`)
  else if (slash > 0) {
    for (const problem of isDnsSubdomain(value.slice(0, slash))) {
      problems.push(`prefix part ${problem}`)
    }
  }
  const name = value.slice(slash + 1)
  if (name === '') problems.push(`name part ${EMPTY}`)
  for (const problem of tooLong(name, LABEL_MAX_LENGTH)) problems.push(`name part ${problem}`)
  if (!fits(name, keyName)) problems.push(`name part ${keyMessage}`)
  return problems
}

export const isLabelKey = isQualifiedName

export function isLabelValue(value: string): string[] {
  const problems = tooLong(value, LABEL_MAX_LENGTH)
  return value === '' || fits(value, keyName) ? problems : [...problems, labelValueMessage]
}

export function isCIdentifier(value: string): string[] {
  if (fits(value, identifier)) return []
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  return [patternMessage(message, '[A-Za-z_][A-Za-z0-9_]*', 'my_name', 'MY_NAME', 'MyName')]
}

function parentDirectory(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

export function isConfigMapKey(value: string): string[] {
  const problems = tooLong(value, SUBDOMAIN_MAX_LENGTH)
  if (!fits(value, configKey)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    const examples = ['key.name', 'KEY_NAME', 'key-name']
    problems.push(patternMessage(message, '[-._a-zA-Z0-9]+', ...examples))
  }
  return [...problems, ...parentDirectory(value)]
}

/** Printable ASCII except `=`: what pods may use since 1.34. */
export function isEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${EMPTY}`]
  if (/^[ -<>-~]+$/.test(value)) return []
  return [
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ]
}

export function isHttpHeaderName(value: string): string[] {
  if (fits(value, headerName)) return []
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return [patternMessage(message, '[-A-Za-z0-9]+', 'X-Header-Name')]
}

export function isPortName(value: string): string[] {
  const problems = tooLong(value, 15)
  if (!fits(value, portName)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)')
  if (value.includes('--')) problems.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) {
    problems.push('must not begin or end with a hyphen')
  }
  return problems
}

export function isInRange(value: number, min: number, max: number): string[] {
  return value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`]
}

export const isPortNumber = (value: number): string[] => isInRange(value, 1, 65_535)
export const isUserId = (value: number): string[] => isInRange(value, 0, 0x7fff_ffff)
export const isGroupId = isUserId

/** No plus sign, no leading zeros, no minus zero. */
export function isDecimalInteger(value: string): string[] {
  if (value === '') return [EMPTY]
  if (/^(0|-?[1-9][0-9]*)$/.test(value)) return []
  return ['must be a valid decimal integer in canonical form']
}

/** Names that are safe as one segment of a URL path: all that RBAC objects require. */
export function isPathSegmentName(name: string, isPrefix = false): string[] {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

/** What ends in `-` will not once a suffix is appended. */
const completed = (name: string, isPrefix: boolean | undefined): string =>
  isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name

export const dnsSubdomainName: NameRule = (name, isPrefix) =>
  isDnsSubdomain(completed(name, isPrefix))
export const dnsLabelName: NameRule = (name, isPrefix) => isDnsLabel(completed(name, isPrefix))
export const dns1035LabelName: NameRule = (name, isPrefix) =>
  isDns1035Label(completed(name, isPrefix))
export const pathSegmentName: NameRule = isPathSegmentName

const GENERATED_SUFFIX_LENGTH = 5
const GENERATED_BASE_LENGTH = LABEL_MAX_LENGTH - GENERATED_SUFFIX_LENGTH

/** The name for a `generateName`: cut so that it stays a label whatever the suffix. */
export function generatedName(base: string, suffix: string): string {
  return base.slice(0, GENERATED_BASE_LENGTH) + suffix
}
