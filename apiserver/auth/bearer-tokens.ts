/** Tokens that come with a request: in its Authorization header, or as a WebSocket subprotocol. */
import type { IncomingMessage } from 'node:http'
import { type Authenticator, CredentialError } from './authenticator.ts'
import type { TokenMethods } from './token-methods.ts'

/** Browsers cannot set headers for WebSockets, but subprotocols. */
const SUBPROTOCOL = 'base64url.bearer.authorization.k8s.io.'

export function bearerTokens(methods: TokenMethods): Authenticator {
  return {
    async authenticate(request, warnings) {
      const token = headerToken(request, warnings)
      if (token !== undefined) {
        const { user } = await methods.owner(token, methods.serverAudiences, warnings)
        // Whoever the request is passed on to must not learn the token.
        delete request.headers.authorization
        return user
      }
      return subprotocolUser(request, methods, warnings)
    },
  }
}

async function subprotocolUser(
  { headers }: IncomingMessage,
  methods: TokenMethods,
  warnings: string[],
) {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  const carriers = offered.filter((each) => each.startsWith(SUBPROTOCOL))
  if (!carriers.length) return undefined
  if (carriers.length > 1) throw new CredentialError('multiple base64.bearer.authorization tokens')
  const rest = offered.filter((each) => each !== carriers[0])
  if (!rest.length) throw new CredentialError('missing additional subprotocol')
  const token = decoded(carriers[0]!.slice(SUBPROTOCOL.length))
  const { user } = await methods.owner(token, methods.serverAudiences, warnings)
  headers['sec-websocket-protocol'] = rest.join(', ')
  return user
}

function decoded(text: string): string {
  const token = Buffer.from(text, 'base64url')
  // Node reads past what is no base64, and so would take one text for another.
  if (token.toString('base64url') !== text) throw new CredentialError('illegal base64 data')
  if (!token.length) throw new CredentialError('empty bearer token')
  return token.toString()
}

/** What stands behind `Bearer`; a second space in front of it hides the token, as upstream says. */
function headerToken({ headers }: IncomingMessage, warnings: string[]): string | undefined {
  const [scheme, token, more] = (headers.authorization ?? '').trim().split(' ', 3)
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) return undefined
  if (token) return token
  if (more !== undefined) {
    warnings.push(
      'the provided Authorization header contains extra space before the bearer token, ' +
        'and is ignored',
    )
  }
  return undefined
}
