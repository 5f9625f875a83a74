/** Names of certificate signers, such as `kubernetes.io/kubelet-serving`, and of their bundles. */
import { dnsSubdomainName, isDnsLabel, isDnsSubdomain } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_DOMAIN_LENGTH = 253
/** The path has room for a namespace and the name of an object in it. */
const MAX_LENGTH = MAX_DOMAIN_LENGTH + 1 + 63 + 1 + 253

/** A domain of two parts or more, a slash, and a path of subdomains. */
export function checkSignerName(name: string, at: Path, problems: Problems): void {
  if (!name) problems.required(at)
  const [domain, path, ...more] = name.split('/')
  if (domain === undefined || path === undefined || more.length) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    problems.invalid(at, name, detail)
    return
  }
  if (Buffer.byteLength(domain) > MAX_DOMAIN_LENGTH) problems.tooLong(at, MAX_DOMAIN_LENGTH)
  checkParts(domain, isDnsLabel, at, problems)
  if (!domain.includes('.')) {
    const detail = 'should be a domain with at least two segments separated by dots'
    problems.invalid(at, domain, detail)
  }
  checkParts(path, isDnsSubdomain, at, problems)
  if (Buffer.byteLength(name) > MAX_LENGTH) problems.tooLong(at, MAX_LENGTH)
}

/** The first wrong part is enough. */
function checkParts(
  text: string,
  rule: (part: string) => readonly string[],
  at: Path,
  problems: Problems,
): void {
  const part = text.split('.').find((each) => rule(each).length)
  if (part === undefined) return
  for (const message of rule(part)) {
    problems.invalid(at, text, `validating label ${JSON.stringify(part)}: ${message}`)
  }
}

/** A bundle of a signer carries the name of the signer, with colons for slashes, before its own. */
export function isTrustBundleName(name: string, signerName: string, isPrefix = false): string[] {
  if (!signerName) {
    if (!name.includes(':')) return dnsSubdomainName(name, isPrefix)
    return ['ClusterTrustBundle without signer name must not have ":" in its name']
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  if (name.startsWith(prefix)) return dnsSubdomainName(name.slice(prefix.length), isPrefix)
  const rule = `must be named with prefix ${prefix}`
  return [`ClusterTrustBundle for signerName ${signerName} ${rule}`]
}
