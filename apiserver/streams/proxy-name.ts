/** What a proxy request names, such as `web`, `web:http` or `https:web:8443`. */

export interface ProxyName {
  readonly isSecure: boolean
  readonly name: string
  /** A number, the name of a port of a Service, or '' for whichever there is. */
  readonly port: string
}

/** Undefined when it names nothing. */
export function parseProxyName(text: string): ProxyName | undefined {
  const parts = text.split(':')
  if (parts.length > 3) return undefined
  const [scheme, name, port = ''] = parts.length === 3 ? parts : ['', ...parts]
  if (!name || !['', 'http', 'https'].includes(scheme!)) return undefined
  return { isSecure: scheme === 'https', name, port }
}
