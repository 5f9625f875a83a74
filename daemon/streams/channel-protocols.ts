/** The WebSocket protocols of Kubernetes that carry several channels: their names and frames. */

export interface ChannelProtocol {
  /** As it is agreed on; '' is what clients speak that name none. */
  readonly name: string
  readonly codec: 'binary' | 'base64'
  /** A Status as JSON ends a command; older protocols end it with a message, or with nothing. */
  readonly endsWithStatus: boolean
  /** One side can say that nothing more follows on a channel. */
  readonly canClose: boolean
}

const protocol = (name: string, more: Partial<ChannelProtocol> = {}): ChannelProtocol => ({
  name,
  codec: name.includes('base64') ? 'base64' : 'binary',
  endsWithStatus: true,
  canClose: false,
  ...more,
})

export const v5 = protocol('v5.channel.k8s.io', { canClose: true })
export const v4 = protocol('v4.channel.k8s.io')
const v4Base64 = protocol('v4.base64.channel.k8s.io')
const unversioned = { endsWithStatus: false }

export const commandProtocols: readonly ChannelProtocol[] = [
  v5,
  v4,
  v4Base64,
  protocol('channel.k8s.io', unversioned),
  protocol('base64.channel.k8s.io', unversioned),
  protocol('', unversioned),
]

export const portProtocols: readonly ChannelProtocol[] = [v4, v4Base64, protocol('')]

/** Port-forward as SPDY inside the messages of a WebSocket. */
export const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io'

/** A token may be sent in this form by clients that cannot set headers; it is never answered. */
const TOKEN_PROTOCOL_PREFIX = 'base64url.bearer.authorization.k8s.io.'

/** What a client offers, in its order of preference; [''] when it offers nothing. */
export function offeredProtocols(header: string | undefined): readonly string[] {
  const names = (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each && !each.startsWith(TOKEN_PROTOCOL_PREFIX))
  return names.length ? names : ['']
}

/** Instead of a channel: nothing more follows on the channel that comes after it. */
const CLOSE = 255
const ASCII_ZERO = 0x30

export type ChannelMessage =
  | { readonly type: 'data'; readonly channel: number; readonly data: Buffer }
  | { readonly type: 'close'; readonly channel: number }

/** Undefined for a message that says nothing. */
export function decodeMessage(
  { codec, canClose }: ChannelProtocol,
  message: Buffer,
): ChannelMessage | undefined {
  if (message.length === 0) return undefined
  const first = message[0]!
  if (canClose && first === CLOSE) {
    return message.length < 2 ? undefined : { type: 'close', channel: message[1]! }
  }
  if (codec === 'binary') return { type: 'data', channel: first, data: message.subarray(1) }
  const data = Buffer.from(message.toString('latin1', 1), 'base64')
  return { type: 'data', channel: first - ASCII_ZERO, data }
}

/** Text in base64, bytes otherwise: clients are told apart by the type of message they expect. */
export function encodeMessage(
  { codec }: ChannelProtocol,
  channel: number,
  data: Buffer,
): Buffer | string {
  if (codec === 'base64') return String.fromCharCode(ASCII_ZERO + channel) + data.toString('base64')
  const message = Buffer.allocUnsafe(data.length + 1)
  message[0] = channel
  data.copy(message, 1)
  return message
}

export const closeMessage = (channel: number): Buffer => Buffer.from([CLOSE, channel])
