/** References to container images: what decides when an image is pulled unless a pod says so. */

const hostLabel = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)'
const host = `(?:${hostLabel}(?:\\.${hostLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const reference = new RegExp(
  `^(?:${host}/)?${component}(?:/${component})*(?::(${tag}))?(?:@(${digest}))?$`,
)
/** Longer ones are no references, and a pattern should not have to find that out. */
const MAX_REFERENCE_LENGTH = 1024

/** `Always` for images whose tag moves: latest, said or meant; a wrong reference counts as fixed. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const parts = image.length <= MAX_REFERENCE_LENGTH ? reference.exec(image) : null
  if (!parts) return 'IfNotPresent'
  const [, tagged, digested] = parts
  const isLatest = tagged === 'latest' || (!tagged && !digested)
  return isLatest ? 'Always' : 'IfNotPresent'
}
