/** Field rules for names that must lie in a domain: `acme.io/foo`, `foo.acme.io`. */
import { isDnsLabel, isDnsSubdomain, isQualifiedName, patternMessage } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/
const HTTP_PATH_PATTERN = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** At least three parts, no dot at the end. */
export function validateFullyQualifiedName(name: string, at: Path, problems: Problems): void {
  const wrong = isDnsSubdomain(name)
  if (name === '') problems.required(at)
  else if (wrong.length > 0) problems.invalid(at, name, wrong.join(','))
  else if (name.split('.').length < 3) {
    const detail = 'should be a domain with at least three segments separated by dots'
    problems.invalid(at, name, detail)
  }
}

/** At least two parts, each a DNS label; a dot at the end is welcome. */
export function validateFullyQualifiedDomainName(name: string, at: Path, problems: Problems): void {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  const parts = bare.split('.')
  const wrong = isDnsSubdomain(bare)
  const bad = parts.find((part) => isDnsLabel(part).length > 0)
  if (name === '') problems.required(at)
  else if (wrong.length > 0) problems.invalid(at, bare, wrong.join(','))
  else if (parts.length < 2) {
    const detail = 'should be a domain with at least two segments separated by dots'
    problems.invalid(at, bare, detail)
  } else if (bad !== undefined) problems.invalid(at, bad, isDnsLabel(bad).join(','))
}

/** A domain, a slash, and what may stand in the path of a URL. */
export function validateDomainPrefixedPath(text: string, at: Path, problems: Problems): void {
  const slash = text.indexOf('/')
  if (text === '') problems.required(at)
  else if (slash <= 0 || slash === text.length - 1) {
    problems.invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")')
  } else {
    const host = text.slice(0, slash)
    const path = text.slice(slash + 1)
    for (const problem of isDnsSubdomain(host)) problems.invalid(at, host, problem)
    if (!HTTP_PATH.test(path)) {
      problems.invalid(at, path, patternMessage('Invalid path', HTTP_PATH_PATTERN))
    }
  }
}

/** A domain, a slash, and the name of a key. */
export function validateDomainPrefixedKey(key: string, at: Path, problems: Problems): void {
  const wrong = isQualifiedName(key)
  if (key === '') problems.required(at)
  else if (wrong.length > 0) for (const problem of wrong) problems.invalid(at, key, problem)
  else if (!key.includes('/')) {
    problems.invalid(at, key, 'must be a domain-prefixed key (such as "acme.io/foo")')
  }
}
