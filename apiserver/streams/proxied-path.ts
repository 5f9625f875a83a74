/** The path that a proxy request has for the other side: what follows `/proxy`, as it was sent. */

export interface ProxiedPath {
  /** Of the proxy itself, where the other side's own root is; without a slash at its end. */
  readonly prefix: string
  /** Empty, or with a leading slash; escapes are left as they are. */
  readonly path: string
}

/** `/api/v1/namespaces/NAMESPACE/PLURAL/NAME/proxy` or, without a namespace, two segments less. */
export function proxiedPath(path: string): ProxiedPath {
  const match = /^\/+api\/+v1\/+(?:namespaces\/+[^/]+\/+)?[^/]+\/+[^/]+\/+proxy/.exec(path)
  if (!match) return { prefix: path, path: '' }
  return { prefix: match[0], path: withoutDots(path.slice(match[0].length)) }
}

const DOTS = /^(?:\.|%2e){1,2}$/i

/** No path may climb out of what the caller may see, whichever side would resolve the dots. */
function withoutDots(path: string): string {
  if (!path.includes('/.') && !/\/%2e/i.test(path)) return path
  const kept: string[] = []
  const segments = path.split('/')
  for (const [at, segment] of segments.entries()) {
    if (!DOTS.test(segment)) {
      kept.push(segment)
      continue
    }
    const isParent = segment.replaceAll(/%2e/gi, '.') === '..'
    if (isParent && kept.length > 1) kept.pop()
    if (at === segments.length - 1) kept.push('')
  }
  return kept.join('/')
}
